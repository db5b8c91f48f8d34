"""Sensitivity: how well a trained network reads recordings of changed sensors."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path

import pandas as pd
from torch import nn

from dvs_snn.evaluation.cnn import ann_predict
from dvs_snn.evaluation.of_set import AnnReading, Spiking, evaluate_recordings
from dvs_snn.files.job import Progress
from dvs_snn.recordings.store.frame_store import open_frames, read_index
from dvs_snn.recordings.store.samples import BinnedRecording


def stored_readings(
    cnn: nn.Sequential, array_path: Path, index_path: Path
) -> dict[str, AnnReading]:
    """Let the CNN read a frame store; return its digit for each recording by name."""
    frames = open_frames(array_path)
    names = read_index(index_path, ["recording"])["recording"]
    readings = {}
    for name, rows in names.groupby(names, sort=False).groups.items():
        # The frames of a recording lie one after the other.
        pixels = frames[rows[0] : rows[-1] + 1]
        readings[name] = AnnReading(ann_predict(cnn, pixels), len(pixels))
    return readings


def read_conditions(
    spiking: Spiking,
    recordings: Iterable[BinnedRecording],
    readings: Mapping[str, AnnReading],
    step_ms: float,
    progress: Progress,
) -> pd.DataFrame:
    """Let a network read the recordings of every condition.

    Args:
        spiking: the network at the scale that was chosen on validation recordings.
        recordings: those that `store_conditions` stored.
        readings: the CNN's digits for them; a recording without any frame has none.
        step_ms: length of a time step in milliseconds.

    Returns:
        A row per recording, of `sensitivity_outcomes` without its network.
    """
    tables = []
    for (part, change), group in groupby(recordings, lambda one: one.recording.split("/")[:2]):
        read = [(one, readings.get(one.recording, AnnReading(None, 0))) for one in group]
        title = f"{part} {change}"
        outcomes, *_ = evaluate_recordings(spiking, read, step_ms, progress, len(read), title)
        # A recording without any event counts as silent, even if biases make a network fire.
        unseen = outcomes["n_events"] + outcomes["n_events_outside"] == 0
        outcomes = outcomes.assign(
            part=part,
            change=change,
            predicted=outcomes["predicted"].mask(unseen),
            correct=outcomes["correct"].mask(unseen, 0),
            silent=outcomes["silent"].mask(unseen, 1),
        )
        tables.append(outcomes)
        progress.say(f"{title}: accuracy {outcomes['correct'].mean():.3f}")
    return pd.concat(tables, ignore_index=True)
