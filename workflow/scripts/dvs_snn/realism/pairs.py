"""Simulated recordings compared with real recordings of the same symbols, pair by pair."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.files.tables import read_shipped, write_table
from dvs_snn.realism.event_statistics import in_saccades
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.recordings.store.event_store import RecordedSet, SetPlacement, open_sets
from dvs_snn.settings.set_names import REAL_TWINS, SACCADES_TEST, half_of

N_SHUFFLES = 20
"""Shuffled pairings over which a shuffled quantity is averaged."""

PARTS = ("on", "saccade_1", "saccade_2", "saccade_3")
"""Events of which the share is compared: ON events, and those of each saccade."""


class Paired(NamedTuple):
    """A quantity, and the same with the pairing shuffled; nan where the pairing doesn't matter."""

    value: float
    shuffled: float = math.nan


Values = dict[str, Paired]
"""Quantities by name."""


def paired_table(pairs: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return ``paired.csv``: how far simulated and real recordings agree.

    Quantities, per half (`odd`, `even`, `all`) and digit (`0` to `9`, `all`):

    - `count_correlation`: Pearson's, of the event counts of the digit's symbols. `all` is the mean
      over the digits, so differences between digits don't count;
    - `map_correlation`: mean over the symbols of the correlation of the event maps; `all` is the
      mean over the digits;
    - `count_ratio`: simulated events over real events, sum over sum;
    - `on_share_real`, `on_share_ours`, `saccade_1_share_real` ...: share of all the symbols'
      events that are ON, or fall into the saccade, sum over sum.

    `shuffled` is the same quantity with each real recording paired with the simulated recording of
    *another* symbol of its digit, drawn at random. It is a mean of `N_SHUFFLES` pairings within the
    half; for maps it is of the one pairing, over both halves, of `with_map_correlations`. It is
    empty where the pairing doesn't matter or no other symbol is there. `n` counts symbols.

    Args:
        pairs: columns of `pair_counts`, and `map_correlation`, `map_correlation_shuffled`, which
            are nan where there are no real files; a row a symbol.
        seed: the study's; shuffles the pairing.
    """
    half_of_pair = pairs["symbol"].map(half_of)
    rows = []
    for half in ("odd", "even", "all"):
        of_half = pairs if half == "all" else pairs[half_of_pair == half]
        if of_half.empty:
            continue
        by_digit = []
        for digit, group in of_half.groupby("label"):
            values = _of_digit(group, generator(seed, "shuffled pairing", half, digit))
            by_digit.append(values)
            rows += _rows(half, str(digit), values, len(group))
        rows += _rows(half, "all", _of_all(of_half, by_digit), len(of_half))
    return pd.DataFrame(rows)


def _rows(half: str, digit: str, values: Values, n: int) -> list[dict[str, object]]:
    """Return the rows of ``paired.csv`` of a digit, or of all, in one half."""
    key = {"half": half, "digit": digit}
    return [{**key, "quantity": name, **pair._asdict(), "n": n} for name, pair in values.items()]


def _of_digit(group: pd.DataFrame, random: np.random.Generator) -> Values:
    """Return the quantities of one digit's symbols."""
    n = len(group)
    shuffles = [_pairing(n, random) for _ in range(N_SHUFFLES)] if n > 1 else []
    real = group["real_n_events"].to_numpy()
    ours = group["ours_n_events"].to_numpy()
    shuffled = _mean(_pearson(real, ours[places]) for places in shuffles)
    maps_shuffled = _mean(group["map_correlation_shuffled"])
    return {
        "count_correlation": Paired(_pearson(real, ours), shuffled),
        "map_correlation": Paired(_mean(group["map_correlation"]), maps_shuffled),
        **_sums(group),
    }


def _of_all(pairs: pd.DataFrame, by_digit: Sequence[Values]) -> Values:
    """Return the quantities of all symbols: sums, and means over the digits."""
    values = by_digit[0] | _sums(pairs)
    for name in ("count_correlation", "map_correlation"):
        of_digits = pd.DataFrame([digit[name] for digit in by_digit])
        values[name] = Paired(_mean(of_digits["value"]), _mean(of_digits["shuffled"]))
    return values


def _sums(pairs: pd.DataFrame) -> Values:
    """Return the quantities that don't depend on the pairing: ratios of sums over all symbols."""
    sums = pairs.sum(numeric_only=True)
    values = {"count_ratio": Paired(sums["ours_n_events"] / sums["real_n_events"])}
    for part in PARTS:
        for side in ("real", "ours"):
            share = sums[f"{side}_n_{part}"] / sums[f"{side}_n_events"]
            values[f"{part}_share_{side}"] = Paired(share)
    return values


def _pairing(n_symbols: int, random: np.random.Generator) -> np.ndarray:
    """Pair each symbol with its neighbour in a random circle: int64 (symbol,), the partners."""
    in_a_round = random.permutation(n_symbols)
    pairing = np.empty_like(in_a_round)
    pairing[in_a_round] = np.roll(in_a_round, 1)
    return pairing


def _pearson(a: np.ndarray, b: np.ndarray) -> float:
    """Return Pearson's correlation; nan if either is constant, as a single value is."""
    constant = np.ptp(a) == 0 or np.ptp(b) == 0
    return math.nan if constant else float(np.corrcoef(a, b)[0, 1])


def _mean(values: Iterable[float]) -> float:
    """Return the mean of the values that aren't nan; nan if there are none."""
    return float(pd.Series(values, dtype=float).mean())


def pair_counts(ours: RecordedSet, shipped: Path) -> pd.DataFrame:
    """Return counts of every pair: simulated, and real from the shipped statistics.

    Columns symbol, label and, of both sides, `n_events` and how many of them are in each of
    `PARTS`, such as `real_n_on`.
    """
    counts = ["n_events", *(f"n_{part}" for part in PARTS)]
    rows = {}
    for recording in ours:
        is_in_part = [recording.raw.events["p"], *in_saccades(recording.raw)]
        n_in_part = [int(is_in.sum()) for is_in in is_in_part]
        rows[recording.symbol] = [recording.raw.n_events, *n_in_part]
    simulated = pd.DataFrame.from_dict(rows, orient="index", columns=counts)

    shares = [f"{part}_share" for part in PARTS]
    real = read_shipped(shipped, ("symbol", "n_events", *shares)).set_index("symbol")
    real[counts[1:]] = real[shares].mul(real["n_events"], axis=0)
    # Four digits of a share give the whole count back.
    real[counts[2:]] = real[counts[2:]].round()

    pairs = simulated.add_prefix("ours_").join(real[counts].add_prefix("real_"), how="inner")
    pairs = pairs.rename_axis("symbol").reset_index()
    return pairs.assign(label=pairs["symbol"].str[0].astype(int))


def with_map_correlations(
    pairs: pd.DataFrame, ours: RecordedSet, real: RecordedSet, seed: int
) -> pd.DataFrame:
    """Add the correlation of each pair's event maps, and of a pair shuffled within its digit."""

    def maps(recordings: RecordedSet) -> list[np.ndarray]:
        by_symbol = {recording.symbol: event_map(recording.raw) for recording in recordings}
        return [by_symbol[symbol] for symbol in pairs["symbol"]]

    real_maps = maps(real)
    ours_maps = maps(ours)
    rng = generator(seed, "shuffled maps")
    shuffled = np.full(len(pairs), np.nan)
    for digit in sorted(set(pairs["label"])):
        places = np.flatnonzero(pairs["label"] == digit)
        partners = places[_pairing(len(places), rng)]
        # A lone symbol would be its own partner.
        if len(places) > 1:
            for place, partner in zip(places, partners, strict=True):
                shuffled[partner] = _pearson(real_maps[place], ours_maps[partner])
    correlations = list(map(_pearson, real_maps, ours_maps))
    return pairs.assign(map_correlation=correlations, map_correlation_shuffled=shuffled)


def event_map(recording: EventRecording) -> np.ndarray:
    """Count a recording's events per pixel: int64 (pixel,), row after row."""
    width, height = recording.sensor_size
    pixel = recording.events["y"].astype(np.int64) * width + recording.events["x"]
    return np.bincount(pixel, minlength=width * height)


@dataclass(frozen=True)
class PairTwinsJob:
    """What the rule `pair_twins` gives.

    Attributes:
        events, recordings: the stores of `sets`: ``saccades-test``, and ``real-twins`` where the
            study has it.
        shipped: statistics of the real recordings.
    """

    sets: list[SetPlacement]
    events: list[Path]
    recordings: list[Path]
    shipped: Path
    study_seed: int
    table: Path


def pair_twins(job: PairTwinsJob, progress: Progress) -> None:
    """Write ``paired.csv``: every simulated twin beside the real recording of its symbol."""
    stored = open_sets(job.events, job.recordings, job.sets)
    ours = stored[SACCADES_TEST]
    pairs = pair_counts(ours, job.shipped)
    if REAL_TWINS in stored:
        pairs = with_map_correlations(pairs, ours, stored[REAL_TWINS], job.study_seed)
    else:
        pairs = pairs.assign(map_correlation=np.nan, map_correlation_shuffled=np.nan)
    write_table(paired_table(pairs, job.study_seed), job.table, "paired")
    progress.say(f"{len(pairs)} pairs")
