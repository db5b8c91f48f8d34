"""Lets a network read long recordings, as the study runs it and with one thing changed at a time.

The event engine runs all of it: it alone takes lower bounds and a leak.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pandas as pd

from dvs_snn.datasets.samples import BinnedRecording
from dvs_snn.datasets.step_store import BinnedSet
from dvs_snn.events.steps import StepEvents
from dvs_snn.files.job import Progress
from dvs_snn.inference.engines.event.engine import respond
from dvs_snn.inference.engines.event.layout import lay_out
from dvs_snn.inference.engines.event.network import EventNetwork
from dvs_snn.inference.response import running_prediction, sliding_prediction
from dvs_snn.networks.conversion import Converted
from dvs_snn.realism.drift.conditions import RECENT_S, Condition, conditions, times_within
from dvs_snn.realism.drift.outcomes import DRIFT_OUTCOMES

Answer = tuple[np.ndarray, np.ndarray]
"""Output spikes, int64 (time, class), and SynOps of each step, int64 (time,)."""


def n_steps_of(seconds: float, step_ms: float) -> int:
    """Return the nearest number of time steps, at least one."""
    return max(1, round(seconds * 1000 / step_ms))


def pieces(steps: StepEvents, n: int) -> list[StepEvents]:
    """Cut a recording after every `n` steps; the last piece may be shorter."""
    starts = range(0, steps.n_steps, n)
    edges = np.searchsorted(steps.step, [*starts, steps.n_steps])
    return [
        StepEvents(
            steps.step[first:last] - start, steps.row[first:last], steps.column[first:last],
            min(n, steps.n_steps - start), 0,
        )
        for start, first, last in zip(starts, edges[:-1], edges[1:], strict=True)
    ]  # fmt: skip


def answers(
    network: EventNetwork,
    how: Condition,
    recordings: Sequence[StepEvents],
    step_ms: float,
    threads: int,
) -> Iterator[Answer]:
    """Yield what a network answers to each recording under a condition."""
    decay = 1.0 if how.leak_s is None else math.exp(-step_ms * 1e-3 / how.leak_s)
    cut = [
        [steps] if how.reset_s is None else pieces(steps, n_steps_of(how.reset_s, step_ms))
        for steps in recordings
    ]
    network = network.bounded(how.lower_bound)
    responses = respond(network, [piece for parts in cut for piece in parts], threads, decay)
    for parts in cut:
        answered = list(islice(responses, len(parts)))
        yield (
            np.concatenate([one.spikes for one in answered]),
            np.concatenate([one.step_synops for one in answered]),
        )


def readings(
    recording: BinnedRecording, answer: Answer, step_ms: float
) -> Iterator[dict[str, object]]:
    """Yield what is right at each time: a row of `DRIFT_OUTCOMES` without network and condition."""
    spikes, step_synops = answer
    by_all = running_prediction(spikes)
    by_recent = sliding_prediction(spikes, n_steps_of(RECENT_S, step_ms))
    synops = np.cumsum(step_synops)
    for time_s in times_within(recording.duration_s):
        last = min(n_steps_of(time_s, step_ms), len(spikes)) - 1
        yield {
            "time_s": time_s,
            "recording": recording.recording,
            "symbol": recording.symbol,
            "size": int(recording.recording.partition("/")[0]),
            "all": int(by_all[last] == recording.label),
            "recent": int(by_recent[last] == recording.label),
            "synops": int(synops[last]),
        }


def read_long(
    converted: Converted,
    scale: float,
    recordings: BinnedSet,
    step_ms: float,
    threads: int,
    progress: Progress,
    **key: object,
) -> pd.DataFrame:
    """Let a network read the recordings under every condition.

    Args:
        scale: of its first layer, which validation recordings chose.
        recordings: what `store_drift_recordings` stored.
        step_ms: length of a time step in milliseconds.
        threads: recordings that run side by side.
        key: the columns of `POINT_KEY` but the scale.

    Returns:
        `DRIFT_OUTCOMES`, a row per condition, recording and time.
    """
    rows: list[dict[str, object]] = []
    network, long = lay_out(converted).scaled(scale), list(recordings)
    for (part, value), how in conditions(converted.neurons.min_v_mem).items():
        answered = answers(network, how, [one.steps for one in long], step_ms, threads)
        with progress.bar(len(long), "recording", f"{part} {value}".strip()) as bar:
            for recording, answer in zip(long, answered, strict=True):
                named = {"part": part, "value": value}
                rows += [named | row for row in readings(recording, answer, step_ms)]
                bar.advance(1)
    return pd.DataFrame(rows).assign(scale=scale, **key)[list(DRIFT_OUTCOMES)]
