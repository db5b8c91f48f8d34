"""What a network reads and spends under one condition."""

from collections.abc import Sequence

import pandas as pd

from dvs_snn.engines.spiking import Spiking
from dvs_snn.evaluation.of_set import evaluate_recordings
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
    """Let a network read recordings; return a table for each lead at which it stops.

    A table has a row a recording, with symbol, label, correct, n_events, n_events_outside and
    synops. Events after the exit count too: `n_events` is of the whole recording.

    Args:
        leads: of the best output, in spikes. None in the result: to the recordings' ends.
    """
    step_us = round(step_ms * 1000)
    shown = ((recording.in_steps(step_us), None) for recording in recordings)
    whole_leads = [int(lead) for lead in leads]
    whole, _, exits = evaluate_recordings(
        spiking, shown, step_ms, progress, len(recordings), title, whole_leads
    )
    outcomes: dict[float | None, pd.DataFrame] = {None: whole}
    for place, lead in enumerate(exits.leads[:-1].tolist()):
        is_right = exits.correct[:, place].astype(int)
        outcomes[lead] = whole.assign(correct=is_right, synops=exits.synops[:, place])
    return outcomes
