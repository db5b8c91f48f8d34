"""The CNN's readings of recordings, a table that `evaluate_ann` stores for later jobs."""

from dataclasses import dataclass

from dvs_snn.files.tables import Column

ANN_COLUMNS = {
    "recording": Column("text", "", "name of the recording"),
    "ann_predicted": Column("whole", "", "what the CNN read, empty where it gave no output"),
    "ann_frames": Column("whole", "frames", "frames that the CNN read"),
    "sha256": Column("text", "", "SHA-256 of the recording's file"),
}
SET = {"set": Column("text", "", "name of the set of recordings, empty for one shown recording")}
STORED_READINGS = {**SET, **ANN_COLUMNS}
"""The table has the readings of every set that its job read."""


@dataclass(frozen=True)
class AnnReading:
    """The CNN's digit for a recording, None where it gave none, and how many frames it read."""

    predicted: int | None
    n_frames: int
