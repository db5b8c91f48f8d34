"""What a network reads and spends under one condition."""

from collections.abc import Sequence

import pandas as pd

from dvs_snn.engines.engine import Spiking
from dvs_snn.evaluation.of_set import evaluate_recordings
from dvs_snn.evaluation.readings import at_exit
from dvs_snn.files.job import Progress
from dvs_snn.recordings.store.event_store import StoredRecording


def outcomes_of(
    spiking: Spiking,
    recordings: Sequence[StoredRecording],
    step_ms: float,
    title: str,
    progress: Progress,
    leads: Sequence[float] = (),
) -> dict[float | None, pd.DataFrame]:
    """Let a network read recordings; return its readings by the lead at which it stops.

    A table has a row a recording, as `readings_table` returns them. None is the recordings' ends.

    Args:
        leads: of the best output, in spikes.
    """
    step_us = round(step_ms * 1000)
    binned = [recording.in_steps(step_us) for recording in recordings]
    read = evaluate_recordings(spiking, binned, step_ms, progress, title, sorted(leads))
    return {lead: at_exit(read.readings, lead) for lead in (None, *leads)}
