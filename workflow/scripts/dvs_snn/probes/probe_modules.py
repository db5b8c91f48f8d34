"""Probes: one thing is changed at a time, and what that moves is measured.

A probe is a module in `kinds/`, known by its name. Its function `measure` returns the rows of
``probes.csv``.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pandas as pd

from dvs_snn.evaluation.statistics import paired_interval, synops_rates, wilson_interval
from dvs_snn.files.job import Progress
from dvs_snn.files.registry import load
from dvs_snn.files.tables import schema, write_table
from dvs_snn.recordings.store.event_store import SetPlacement
from dvs_snn.settings.inference import InferenceSettings

KINDS = "dvs_snn.probes.kinds"
"""The package that holds the probes."""

BASE = ("base", "")
"""Part and value of the condition that all others are compared with: nothing is changed."""

# Larger changes of accuracy and of the cost are marked.
LIMIT_POINTS = 2.0
LIMIT_PERCENT = 10.0

MEASURES = {
    "recordings": ("recordings", "recordings that were read"),
    "events_per_recording": ("events", "all events over all recordings"),
    "accuracy": ("share", "recordings that the spiking network read rightly (interval: Wilson)"),
    "accuracy_change": (
        "share",
        "`accuracy` minus the base's on the same recordings (interval: Newcombe 1998)",
    ),
    "p_value": ("", "McNemar's exact test of `accuracy_change`"),
    "synops_per_recording": ("SynOps", "all SynOps over all recordings"),
    "synops_per_3000_events": ("SynOps", "SynOps over events, times 3,000"),
    "synops_per_event": ("SynOps/event", "all SynOps over all events"),
    "synops_change": ("share", "change of the cost, as a share of the base's"),
    "moved": (
        "0 or 1",
        f"whether accuracy moves by more than {LIMIT_POINTS:g} points or the cost by "
        f"more than {LIMIT_PERCENT:g} %",
    ),
}
"""Unit and meaning of what `compared` measures, by name."""


class Value(NamedTuple):
    """What was measured under one condition.

    Attributes:
        low, high: ends of its 95 % interval.
        n: what the interval counts, such as symbols.
    """

    measure: str
    amount: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


Row = dict[str, Any]
"""A row of ``probes.csv``, perhaps without the columns that name its job."""


@dataclass(frozen=True)
class ProbeJob:
    """What the rule `probe` gives.

    Attributes:
        variant, seed: of the network.
        network: as it was converted.
        events, recorded: the store of each of the `sets`.
        recordings: of each set so many are read, evenly spread.
        table: file of the rows.
    """

    probe: str
    variant: str
    seed: int
    network: Path
    choice: Path
    sets: list[SetPlacement]
    events: list[Path]
    recorded: list[Path]
    recordings: int
    inference: InferenceSettings
    table: Path


class ProbeModule(Protocol):
    """What a module in `kinds/` has."""

    def measure(self, job: ProbeJob, progress: Progress) -> list[Row]:
        """Measure one network."""
        ...


def measure_probe(job: ProbeJob, progress: Progress) -> None:
    """Write the rows that a probe's function `measure` returns of one network."""
    module: ProbeModule = load(KINDS, job.probe, ProbeModule)
    rows = module.measure(job, progress)
    write_rows(rows, job.table, probe=job.probe, variant=job.variant, seed=job.seed)
    progress.say(f"{len(rows)} rows")


def rows_of(
    values: Iterable[Value],
    condition: tuple[str, str],
    shown: str,
    method: str,
    scale: float,
) -> list[Row]:
    """Return the rows of one condition, without the columns that name probe, variant and seed.

    Args:
        condition: what was changed, and to what: the columns `part` and `value`.
        shown: the set that was read.
        method, scale: the quoted point at which a network ran.
    """
    part, changed_to = condition
    key = {"part": part, "value": changed_to, "set": shown, "method": method, "scale": scale}
    return [{**key, **value._asdict(), "unit": MEASURES[value.measure][0]} for value in values]


def write_rows(rows: Sequence[Row], path: Path, probe: str, variant: str, seed: int) -> None:
    """Write a job's rows. Counts stay whole among amounts."""
    table = pd.DataFrame(rows, columns=list(schema("probes")), dtype=object)
    write_table(table.assign(probe=probe, variant=variant, seed=seed), path, "probes")


def compared(rows: pd.DataFrame, base: pd.DataFrame | None, by_recording: bool) -> list[Value]:
    """Compare outcomes under one condition with the base's on the same recordings: `MEASURES`.

    Args:
        rows: columns symbol, correct, n_events and operations, a row a recording.
        base: likewise; None where nothing was changed.
        by_recording: the cost is SynOps per recording, else SynOps per 3,000 events.
    """
    n_symbols = rows["symbol"].nunique()
    accuracy = float(rows["correct"].mean())
    low, high = wilson_interval(accuracy, n_symbols)
    costs = synops_rates(rows)
    change = Value("accuracy_change", 0.0, n=n_symbols)
    p_value = math.nan
    cost_change = 0.0
    if base is not None:
        change, p_value = _accuracy_change(rows, base)
        name = "synops_per_recording" if by_recording else "synops_per_3000_events"
        reference = synops_rates(base)[name]
        cost_change = costs[name] / reference - 1 if reference else math.nan

    # Rounded, since 0.02 and 0.1 have no exact form: a change of just the limit is within it.
    is_other = round(100 * abs(change.amount), 6) > LIMIT_POINTS
    is_dearer_or_cheaper = round(100 * abs(cost_change), 6) > LIMIT_PERCENT
    return [
        Value("recordings", len(rows)),
        Value("events_per_recording", int(rows["n_events"].sum()) / len(rows)),
        Value("accuracy", accuracy, low, high, n_symbols),
        change,
        Value("p_value", p_value),
        *(Value(name, cost) for name, cost in costs.items()),
        Value("synops_change", cost_change),
        Value("moved", int(is_other or is_dearer_or_cheaper)),
    ]


def _accuracy_change(rows: pd.DataFrame, base: pd.DataFrame) -> tuple[Value, float]:
    """Return the change of the share of right readings, and p of McNemar's exact test.

    Recordings of one symbol aren't independent, so the interval counts each symbol once.
    """
    # Light jobs import this module too.
    from statsmodels.stats.contingency_tables import mcnemar

    pairs = list(zip(rows["correct"], base["correct"], strict=True))
    both = pairs.count((1, 1))
    first = pairs.count((1, 0))
    second = pairs.count((0, 1))
    neither = pairs.count((0, 0))
    n_symbols = rows["symbol"].nunique()
    of_symbols = n_symbols / len(pairs)
    low, high = paired_interval(
        both * of_symbols, first * of_symbols, second * of_symbols, neither * of_symbols
    )
    change = Value("accuracy_change", (first - second) / len(pairs), low, high, n_symbols)
    test = mcnemar([[both, first], [second, neither]], exact=True)
    return change, float(test.pvalue)
