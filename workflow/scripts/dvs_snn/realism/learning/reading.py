"""Lets a network read recordings whose symbols none of its real training recordings showed."""

from collections.abc import Iterable, Mapping

import pandas as pd

from dvs_snn.datasets.samples import BinnedRecording
from dvs_snn.evaluation.of_set import evaluate_recordings
from dvs_snn.evaluation.readings import AnnReading
from dvs_snn.files.job import Progress
from dvs_snn.inference.engines.event.engine import respond
from dvs_snn.inference.engines.event.layout import lay_out
from dvs_snn.inference.engines.interface import Spiking
from dvs_snn.networks.conversion import Converted
from dvs_snn.realism.twins import half_of


def read_held_out(
    converted: Converted,
    scale: float,
    sets: Mapping[str, Iterable[BinnedRecording]],
    step_ms: float,
    threads: int,
    progress: Progress,
) -> pd.DataFrame:
    """Read the recordings of the even half: real ones of the odd half may have been in training.

    The event engine runs them.

    Args:
        scale: of the network's first layer.
        sets: recordings of test symbols by the name of their set.
        step_ms: length of a time step in milliseconds.
        threads: recordings that run side by side.

    Returns:
        A row per recording, of `OUTCOME_COLUMNS` and `set`.
    """
    network = lay_out(converted).scaled(scale)
    spiking = Spiking(network.layers, lambda steps: respond(network, steps, threads))
    tables = []
    for name, recordings in sets.items():
        held_out = [
            (one, AnnReading(None, 0)) for one in recordings if half_of(one.symbol) == "even"
        ]
        outcomes, *_ = evaluate_recordings(
            spiking, held_out, step_ms, progress, len(held_out), name
        )
        tables.append(outcomes.assign(set=name))
    return pd.concat(tables, ignore_index=True)
