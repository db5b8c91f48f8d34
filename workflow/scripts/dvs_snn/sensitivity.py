"""Sensitivity: how a network, as it was trained, reads recordings of changed sensors."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.contingency_tables import mcnemar
from torch import nn

from dvs_snn.ann import ann_predict
from dvs_snn.errors import StudyError
from dvs_snn.framestore import open_frames, read_index
from dvs_snn.job import Progress
from dvs_snn.power import EnergyModel
from dvs_snn.samples import BinnedRecording
from dvs_snn.sensitivity_recordings import CONDITIONS, NOMINAL
from dvs_snn.set_evaluation import AnnReading, Spiking, evaluate_recordings
from dvs_snn.statistics import wilson_interval
from dvs_snn.tablefile import read_table, write_table
from dvs_snn.tables import evaluation_row

SENSITIVITY_COLUMNS = (
    "part", "change", "n_recordings", "n_symbols", "events_per_recording", "accuracy",
    "accuracy_low", "accuracy_high", "ann_accuracy", "difference", "difference_low",
    "difference_high", "p_value", "synops_per_recording", "synops_per_3000_events",
    "synops_per_event",
)  # fmt: skip


def paired_interval(both: int, first: int, second: int, neither: int) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two shares of the same symbols.

    Args:
        both, neither: symbols read right under both conditions and under neither.
        first, second: symbols read right under one alone; the difference is first minus second.

    Wilson's intervals of both shares, squared and added, with the correlation of the pairs. It has
    a width even where no symbol changed sides, as a bootstrap hasn't.

    Source: Newcombe 1998, Stat. Med. 17:2635, method 10, which neither statsmodels nor scipy has.
    """
    n = both + first + second + neither
    share, other = (both + first) / n, (both + second) / n
    low, high = wilson_interval(share, n)
    other_low, other_high = wilson_interval(other, n)
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    excess = both * neither - first * second
    if excess > 0:
        excess = max(excess - n / 2, 0)
    correlation = excess / math.sqrt(margins) if margins else 0.0

    def reach(a: float, b: float) -> float:
        return math.sqrt(max(a * a - 2 * correlation * a * b + b * b, 0.0))

    difference = (first - second) / n
    return (
        difference - reach(share - low, other_high - other),
        difference + reach(high - share, other - other_low),
    )


def compare_with_nominal(changed: Sequence[int], nominal: Sequence[int]) -> dict[str, float]:
    """Return the difference of two accuracies on the same recordings, one of each symbol.

    Args:
        changed, nominal: 1 where a recording was read right, else 0, in the same order.

    Returns:
        `difference` (changed minus nominal), its interval, and the p value of McNemar's exact
        test.
    """
    after, before = np.asarray(changed, dtype=bool), np.asarray(nominal, dtype=bool)
    both, first = int((after & before).sum()), int((after & ~before).sum())
    second, neither = int((~after & before).sum()), int((~after & ~before).sum())
    low, high = paired_interval(both, first, second, neither)
    return {
        "difference": (first - second) / len(after),
        "difference_low": low,
        "difference_high": high,
        "p_value": float(mcnemar([[both, first], [second, neither]], exact=True).pvalue),
    }


def _without_guesses(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Count recordings without any event as silent, whatever a network's biases say to them."""
    unseen = outcomes["n_events"] + outcomes["n_events_outside"] == 0
    return outcomes.assign(
        predicted=outcomes["predicted"].mask(unseen),
        correct=outcomes["correct"].mask(unseen, 0),
        silent=outcomes["silent"].mask(unseen, 1),
    )


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


def _by_condition(
    recordings: Iterable[BinnedRecording],
) -> Iterator[tuple[tuple[str, str], list[BinnedRecording]]]:
    def condition(recording: BinnedRecording) -> tuple[str, str]:
        part, change, _ = recording.recording.split("/", 2)
        return part, change

    for key, group in groupby(recordings, condition):
        yield key, list(group)


def measure_sensitivity(
    spiking: Spiking,
    recordings: Iterable[BinnedRecording],
    readings: Mapping[str, AnnReading],
    step_ms: float,
    progress: Progress,
) -> pd.DataFrame:
    """Measure accuracy and SynOps under every condition of `CONDITIONS`.

    Args:
        spiking: the network at the scale that was chosen on validation recordings.
        recordings: what `store_conditions` stored.
        readings: what the CNN made of them; a recording without any frame has none.
        step_ms: length of a time step in milliseconds.

    Returns:
        A row per condition, of `SENSITIVITY_COLUMNS`. Interval and p value are empty where there
        is nothing to compare: nominal, and where settings equal the nominal ones, so that no
        recordings were made.
    """
    outcomes_of = {}
    for key, group in _by_condition(recordings):
        read = [(one, readings.get(one.recording, AnnReading(None, 0))) for one in group]
        title = " ".join(key)
        outcomes, _ = evaluate_recordings(spiking, read, step_ms, progress, len(read), title)
        outcomes_of[key] = _without_guesses(outcomes)
    nominal = outcomes_of[NOMINAL]
    rows = []
    for part, change in CONDITIONS:
        outcomes = outcomes_of.get((part, change), nominal)
        row = {"part": part, "change": change}
        # Energy isn't told here; SynOps stand for it.
        row = evaluation_row(outcomes, row, EnergyModel(0.0), step_ms)
        row["events_per_recording"] = outcomes["n_events"].sum() / len(outcomes)
        row["difference"] = 0.0
        if outcomes is not nominal:
            row |= compare_with_nominal(outcomes["correct"], nominal["correct"])
        rows.append(row)
        progress.say(f"{part} {change}: accuracy {row['accuracy']:.3f}")
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))


def quoted_scale(path: Path, variant: str, replicate: int) -> float:
    """Return the scale of a network that validation chose.

    Args:
        path: the table evaluation.csv.
        replicate: the training's number, its `seed` in the table.

    Raises:
        StudyError: the table chose none.
    """
    evaluation = read_table(path)
    rows = evaluation[
        (evaluation["set"] == "validation")
        & (evaluation["variant"] == variant)
        & (evaluation["seed"] == replicate)
        & (evaluation["chosen"] == 1)
    ]
    if len(rows) != 1:
        raise StudyError(
            f"{path}: has {len(rows)} chosen rows of set validation for variant {variant}, seed "
            f"{replicate}, expected one; run again with --forcerun gather."
        )
    return float(rows["scale"].iloc[0])


def write_sensitivity(
    table: pd.DataFrame, variant: str, replicate: int, scale: float, path: Path
) -> None:
    """Write a network's sensitivity with its variant, seed and scale in front."""
    whose = pd.DataFrame({"variant": variant, "seed": replicate, "scale": scale}, table.index)
    write_table(pd.concat([whose, table], axis=1), path)
