"""The columns of what a network does before a blank scene, as the job `idle` stores them."""

from dvs_snn.evaluation.outcomes import KEY, OUTCOME_COLUMNS
from dvs_snn.files.tables import Column, subset

IDLE_OUTCOMES = {
    **subset(KEY, "variant seed scale"),
    "scene": Column("text", "", "scene whose nominal sensor saw no digit"),
    "seconds": Column("number", "s", "time that the network ran for"),
    **subset(OUTCOME_COLUMNS, "n_events n_events_outside synops output_spikes"),
    "window_ms": Column("number", "ms", "sliding window over which output spikes are counted"),
    "threshold_spikes": Column(
        "whole", "spikes",
        "spikes of one output neuron within the window that count as a reading: 95 % of the "
        "recordings of `validation` reach as many",
    ),
    "n_validation": Column("whole", "recordings", "recordings that the threshold was chosen on"),
    "false_alarms": Column("whole", "alarms", "times that an output neuron reached the threshold"),
    "alarm_seconds": Column("number", "s", "time for which one was at or above the threshold"),
}  # fmt: skip
