"""The columns that tell whether recordings are plausible and like those that trained."""

from dvs_snn.files.tables import Column

CHECK_TABLE = {
    "set": Column("text", "", "name of the set"),
    "check": Column(
        "text", "", "a quantity, or `time_unit`, `sensor_size`, `orientation`, `digits` (`classes`)"
    ),
    "unit": Column("text", "", "unit of the quantity"),
    "n_recordings": Column("whole", "recordings", "recordings of the set"),
    "smallest": Column("number", "`unit`", "smallest value of a recording"),
    "median": Column("number", "`unit`", "median of the recordings"),
    "largest": Column("number", "`unit`", "largest value of a recording"),
    "training_smallest": Column("number", "`unit`", "smallest value of a training recording"),
    "training_median": Column("number", "`unit`", "median of the training recordings"),
    "training_largest": Column("number", "`unit`", "largest value of a training recording"),
    "n_beyond": Column("whole", "recordings", "those beyond training's range by over a tenth"),
    "verdict": Column("text", "", "`plausible`, `warning`, `told` (no fault), `not checked`"),
    "finding": Column("text", "", "what was found, empty where all is plausible"),
    "remedy": Column("text", "", "settings to change, such as `zoom: 0.18`"),
}  # fmt: skip
BEYOND = {
    "beyond_training": Column(
        "text", "",
        "those of duration_s, events_per_s, outside_share, box_px beyond training's range by over "
        "a tenth",
    ),
}  # fmt: skip
WITHIN = {
    "n_beyond": Column("whole", "recordings", "those beyond training's range, empty if unknown"),
    "accuracy_within": Column("number", "share", "accuracy without those, empty if none is left"),
}
