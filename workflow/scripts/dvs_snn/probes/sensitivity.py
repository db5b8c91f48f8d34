"""Sensitivity: how well a trained network reads recordings of changed sensors."""

from itertools import groupby

import pandas as pd
from torch import nn

from dvs_snn.evaluation.cnn import ann_predict
from dvs_snn.evaluation.of_set import AnnReading, Spiking, evaluate_recordings
from dvs_snn.files.job import Progress
from dvs_snn.recordings.store.event_store import RecordedSet, StoredRecording
from dvs_snn.settings.frames import FrameRule


def _reading(cnn: nn.Sequential, recording: StoredRecording, rule: FrameRule) -> AnnReading:
    frames = [frame.pixels for frame in recording.frames(rule)]
    return AnnReading(ann_predict(cnn, frames), len(frames))


def read_conditions(
    spiking: Spiking,
    cnn: nn.Sequential,
    recordings: RecordedSet,
    rule: FrameRule,
    step_ms: float,
    progress: Progress,
) -> pd.DataFrame:
    """Let a network read the recordings of every condition.

    Args:
        spiking: the network at the scale that was chosen on validation recordings.
        cnn: reads the recordings' frames.
        recordings: those that `store_conditions` stored.
        rule: how events become frames.
        step_ms: length of a time step in milliseconds.

    Returns:
        A row per recording, of `sensitivity_outcomes` without its network.
    """
    tables = []
    for (part, change), group in groupby(recordings, lambda one: one.recording.split("/")[:2]):
        some = list(group)
        read = ((one.in_steps(round(step_ms * 1000)), _reading(cnn, one, rule)) for one in some)
        title = f"{part} {change}"
        outcomes, *_ = evaluate_recordings(spiking, read, step_ms, progress, len(some), title)
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
