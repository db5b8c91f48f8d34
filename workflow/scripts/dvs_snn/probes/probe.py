"""Probes: one thing is changed at a time, and what that moves is measured.

A probe is a module in `kinds/`, known by its name: a `ProbeModule`. Where all networks read the
same new recordings, its function `record` makes these first: a `RecordingProbeModule`. The workflow
looks into the module: arguments of its functions name the files and settings that they read, and a
probe that takes no `variant` has one job instead of one for each network. So modules import what
loads slowly, such as torch, inside functions.
"""

import inspect
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pandas as pd

from dvs_snn.evaluation.choosing.choice import NOT_CHOSEN
from dvs_snn.evaluation.statistics import paired_interval, synops_rates, wilson_interval
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress, arguments_of
from dvs_snn.files.registry import load, names
from dvs_snn.files.tables import schema, write_empty_table, write_table

KINDS = "dvs_snn.probes.kinds"
"""The package that holds the probes."""

BASE = ("base", "")
"""Part and value of the condition that all others are compared with: nothing is changed."""

# Larger changes of accuracy and of the cost are marked.
LIMIT_POINTS = 2.0
LIMIT_PERCENT = 10.0

OF_THE_JOB = {"variant", "events", "recordings", "progress"}
"""Arguments that name neither a file nor a setting of the study."""

COMPARED = {
    "recordings": ("recordings", "recordings that were read"),
    "events_per_recording": ("events", "all events over all recordings"),
    "accuracy": ("share", "recordings that the spiking network read rightly (interval: Wilson)"),
    "accuracy_change": (
        "share", "`accuracy` minus the base's on the same recordings (interval: Newcombe 1998)",
    ),
    "p_value": ("", "McNemar's exact test of `accuracy_change`"),
    "synops_per_recording": ("SynOps", "all SynOps over all recordings"),
    "synops_per_3000_events": ("SynOps", "SynOps over events, times 3,000"),
    "synops_per_event": ("SynOps/event", "all SynOps over all events"),
    "synops_change": ("share", "change of the cost, as a share of the base's"),
    "moved": (
        "0 or 1", f"whether accuracy moves by more than {LIMIT_POINTS:g} points or the cost by "
        f"more than {LIMIT_PERCENT:g} %",
    ),
}  # fmt: skip
"""Measures of `compared`: unit and meaning."""


@dataclass(frozen=True)
class Probe:
    """What a probe is, in words for the page.

    Attributes:
        title: a few words.
        about: what is changed, and why. ``{accuracy}`` stands for the amounts of that measure; code
            stands in backticks.
        measures: its own, beside those of `COMPARED`: unit and meaning.
    """

    title: str
    about: str
    measures: Mapping[str, tuple[str, str]] = field(default_factory=dict)


class Value(NamedTuple):
    """What was measured under one condition.

    Attributes:
        low, high: ends of its 95 % interval.
        n: what the interval counts, such as symbols.
        why: a remark.
    """

    measure: str
    amount: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    why: str = ""


class ProbeModule(Protocol):
    """What a probe's module holds; `measure` returns the rows of ``probes.csv``."""

    PROBE: Probe
    measure: Callable[..., list[dict[str, Any]]]


class RecordingProbeModule(ProbeModule, Protocol):
    """What the module of a probe holds that makes recordings; `record` stores them."""

    record: Callable[..., None]


def probe_module(name: str) -> ProbeModule:
    """Return a probe's module; KeyError, with the known ones, without such a probe."""
    module: ProbeModule = load(KINDS, name, ProbeModule)
    return module


@cache
def arguments(probe: str, function: str) -> set[str]:
    """Return the names of what a probe's function takes; without the function none."""
    taken = getattr(probe_module(probe), function, None)
    return set(inspect.signature(taken).parameters if taken else ())


def probes_of(there: Collection[str], is_whole: bool) -> list[str]:
    """Return the probes that find all that they read among the names of files and settings.

    Raises:
        StudyError: a probe lacks any, though the study `is_whole`: it has all that probes may read.
    """
    probes = []
    for probe in names(KINDS):
        taken = arguments(probe, "measure") | arguments(probe, "record")
        lacking = sorted(taken - OF_THE_JOB.union(there))
        if lacking and is_whole:
            raise StudyError(
                f"probe {probe} takes {', '.join(lacking)}, expected arguments that are names of "
                f"workflow/rules/probing.smk: {', '.join(sorted(there))}; correct the name or add "
                "it there."
            )
        probes += [] if lacking else [probe]
    return probes


def record_probe(
    probe: str,
    inputs: dict[str, Any],
    settings: dict[str, Any],
    events: Path,
    recordings: Path,
    progress: Progress,
) -> None:
    """Make the recordings of a probe: its function `record` stores them."""
    made = {"events": events, "recordings": recordings, "progress": progress}
    module: RecordingProbeModule = load(KINDS, probe, RecordingProbeModule)
    module.record(**arguments_of(module.record, {**inputs, **settings, **made}))


def measure_probe(
    probe: str,
    variant: str,
    seed: int,
    inputs: dict[str, Any],
    settings: dict[str, Any],
    table: Path,
    progress: Progress,
) -> None:
    """Write the rows that a probe's function `measure` returns, of one network or of none."""
    measure = probe_module(probe).measure
    known = {"variant": variant, "progress": progress}
    rows = measure(**arguments_of(measure, {**inputs, **settings, **known}))
    network = {"variant": variant, "seed": seed} if "variant" in arguments(probe, "measure") else {}
    write_rows(rows, table, probe=probe, **network)


def rows_of(
    probe: Probe,
    values: Iterable[Value],
    condition: tuple[str, str],
    shown: str,
    method: str = "",
    scale: float | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of one condition, without the columns that name probe, variant and seed.

    Args:
        condition: what was changed, and to what.
        shown: the set that was read, or the scene that the sensor saw.
        method, scale: the quoted point at which a network ran.
    """
    units = {**COMPARED, **probe.measures}
    key = {"part": condition[0], "value": condition[1], "set": shown}
    key |= {"method": method, "scale": scale}
    return [key | value._asdict() | {"unit": units[value.measure][0]} for value in values]


def write_rows(rows: Sequence[Mapping[str, Any]], path: Path, **key: object) -> None:
    """Write a job's rows; `key` is its probe, variant and seed. Counts stay whole among amounts."""
    if not rows:
        return write_empty_table(path, "probes", NOT_CHOSEN)
    table = pd.DataFrame(rows, columns=schema("probes"), dtype=object)
    write_table(table.assign(**key), path, "probes")


def compared(rows: pd.DataFrame, base: pd.DataFrame | None, by_recording: bool) -> list[Value]:
    """Compare outcomes under one condition with the base's on the same recordings: `COMPARED`.

    Args:
        rows: columns symbol, correct, n_events and synops, a row a recording.
        base: likewise; None where nothing was changed.
        by_recording: the cost is SynOps per recording, else SynOps per 3,000 events.
    """
    n, n_symbols = len(rows), rows["symbol"].nunique()
    accuracy = float(rows["correct"].mean())
    costs = synops_rates(rows)
    change, p_value, cost_change = Value("accuracy_change", 0.0), math.nan, 0.0
    if base is not None:
        change, p_value = _accuracy_change(rows["correct"].tolist(), base["correct"].tolist())
        name = "synops_per_recording" if by_recording else "synops_per_3000_events"
        reference = synops_rates(base)[name]
        cost_change = costs[name] / reference - 1 if reference else math.nan
    # Rounded, since 0.02 and 0.1 have no exact form: a change of just the limit is within it.
    moved = round(100 * abs(change.amount), 6) > LIMIT_POINTS
    moved = moved or round(100 * abs(cost_change), 6) > LIMIT_PERCENT
    return [
        Value("recordings", n),
        Value("events_per_recording", int(rows["n_events"].sum()) / n),
        Value("accuracy", accuracy, *wilson_interval(accuracy, n_symbols), n_symbols),
        change._replace(n=n_symbols),
        Value("p_value", p_value),
        *(Value(*cost) for cost in costs.items()),
        Value("synops_change", cost_change),
        Value("moved", int(moved)),
    ]


def _accuracy_change(changed: Sequence[int], base: Sequence[int]) -> tuple[Value, float]:
    """Return the change of the share of right readings (1), and p of McNemar's exact test."""
    # Light jobs import this module too.
    from statsmodels.stats.contingency_tables import mcnemar

    pairs = list(zip(changed, base, strict=True))
    both, first, second, neither = map(pairs.count, ((1, 1), (1, 0), (0, 1), (0, 0)))
    interval = paired_interval(both, first, second, neither)
    p_value = float(mcnemar([[both, first], [second, neither]], exact=True).pvalue)
    return Value("accuracy_change", (first - second) / len(pairs), *interval), p_value
