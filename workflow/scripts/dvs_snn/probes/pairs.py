"""Simulated recordings compared with real recordings of the same symbols, pair by pair."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.files.tables import read_shipped, read_table, write_table
from dvs_snn.probes.twins import TWIN_COLUMNS, TWIN_SENSOR, half_of, twin_record
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.recordings.store.event_store import RecordedSet, SetPlacement, open_sets
from dvs_snn.settings.set_names import REAL_TWINS, SACCADES_TEST

N_SHUFFLES = 20
"""Shuffled pairings over which a shuffled quantity is averaged."""

SIDES = ("real", "ours")


def event_map(recording: EventRecording) -> np.ndarray:
    """Count a recording's events per pixel: float64 (34, 34); StudyError for another sensor."""
    if recording.sensor_size != TWIN_SENSOR:
        raise StudyError(
            f"event map: sensor of {recording.sensor_size} pixels, expected {TWIN_SENSOR} as "
            "N-MNIST's; simulate the twin for that sensor"
        )
    width, height = TWIN_SENSOR
    counts = np.zeros((height, width))
    np.add.at(counts, (recording.events["y"], recording.events["x"]), 1)
    return counts


def map_correlations(real: np.ndarray, simulated: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation of the two maps of each pair.

    Args:
        real, simulated: float (pair, height, width), of the same shape.

    Returns:
        float64 (pair,), nan if one of the maps is constant.
    """
    a = real - real.mean(axis=(1, 2), keepdims=True)
    b = simulated - simulated.mean(axis=(1, 2), keepdims=True)
    norms = np.sqrt((a**2).sum(axis=(1, 2)) * (b**2).sum(axis=(1, 2)))
    with np.errstate(invalid="ignore"):
        return (a * b).sum(axis=(1, 2)) / norms


class Paired(NamedTuple):
    """A quantity, and the same with the pairing shuffled; nan where the pairing doesn't matter."""

    value: float
    shuffled: float = math.nan


Values = dict[str, Paired]
"""Quantities by name."""


def paired_table(pairs: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return rows of ``paired.csv``: how far simulated and real recordings agree.

    They lack `variant` and `seed`, which the caller adds. If `pairs` have the predictions of a
    network, its readings are compared too.

    Quantities, per half (`odd`, `even`, `all`) and digit (`0` to `9`, `all`):

    - `count_correlation`: Pearson's, of the event counts of the digit's symbols. `all` is the mean
      over the digits, so differences between digits don't count;
    - `map_correlation`: mean over the symbols of the correlation of the event maps; `all` is the
      mean over the digits;
    - `count_ratio`: simulated events over real events, sum over sum;
    - `on_share_real`, `on_share_ours`, `saccade_1_share_real` ...: share of all the symbols'
      events that are ON, or fall into the saccade, sum over sum;
    - with predictions, `accuracy_real` and `accuracy_ours`: share of the symbols read rightly;
      `agreement`: share read alike. A silent network is wrong and agrees with no reading.

    `shuffled` is the same quantity with each real recording paired with the simulated recording of
    *another* symbol of its digit, drawn at random. It is a mean of `N_SHUFFLES` pairings within the
    half; for maps it is of the one pairing, over both halves, of `with_map_correlations`. It is
    empty where the pairing doesn't matter or no other symbol is there. `n` counts symbols.

    Args:
        pairs: columns of ``pairs.csv``, a row a symbol; both correlations of maps are nan where
            there are no real files. Perhaps `real_predicted`, `ours_predicted` (missing = silent).
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

    def paired(agree: Callable[[np.ndarray, np.ndarray], float], column: str) -> Paired:
        real = group[f"real_{column}"].to_numpy()
        ours = group[f"ours_{column}"].to_numpy()
        return Paired(agree(real, ours), _mean(agree(real, ours[places]) for places in shuffles))

    correlation = _mean(group["map_correlation"])
    values = {
        "count_correlation": paired(_pearson, "n_events"),
        "map_correlation": Paired(correlation, _mean(group["map_correlation_shuffled"])),
        **_sums(group),
    }
    if "real_predicted" in group.columns:
        # A silent network's nan equals nothing, not even another nan.
        values["agreement"] = paired(lambda a, b: float((a == b).mean()), "predicted")
    return values


def _of_all(pairs: pd.DataFrame, by_digit: Sequence[Values]) -> Values:
    """Return the quantities of all symbols: sums, and means over the digits, which are sorted."""
    values = by_digit[0] | _sums(pairs)
    for name in ("count_correlation", "map_correlation"):
        of_digits = [digit[name] for digit in by_digit]
        value = _mean(pair.value for pair in of_digits)
        values[name] = Paired(value, _mean(pair.shuffled for pair in of_digits))
    if "agreement" in values:
        of_digits = [digit["agreement"] for digit in by_digit]
        n_symbols = pairs.groupby("label").size()
        value = np.average([pair.value for pair in of_digits], weights=n_symbols)
        shuffled = np.average([pair.shuffled for pair in of_digits], weights=n_symbols)
        values["agreement"] = Paired(float(value), float(shuffled))
    return values


def _sums(pairs: pd.DataFrame) -> Values:
    """Return the quantities that don't depend on the pairing: ratios of sums over all symbols."""
    n_events = {side: float(pairs[f"{side}_n_events"].sum()) for side in SIDES}

    values = {"count_ratio": Paired(n_events["ours"] / n_events["real"])}
    for side in SIDES:
        n_on = (pairs[f"{side}_on_share"] * pairs[f"{side}_n_events"]).sum()
        values[f"on_share_{side}"] = Paired(float(n_on) / n_events[side])
    for saccade in (1, 2, 3):
        for side in SIDES:
            n_in_saccade = float(pairs[f"{side}_events_saccade_{saccade}"].sum())
            values[f"saccade_{saccade}_share_{side}"] = Paired(n_in_saccade / n_events[side])
    if "real_predicted" in pairs.columns:
        for side in SIDES:
            is_right = pairs[f"{side}_predicted"] == pairs["label"]
            values[f"accuracy_{side}"] = Paired(float(is_right.mean()))
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
    """Return counts and ON shares of every pair, by symbol: simulated, and real as shipped."""
    counts = pd.DataFrame(twin_record(recording.symbol, recording.raw) for recording in ours)
    simulated = counts.set_index("symbol").add_prefix("ours_")
    real = read_shipped(shipped, TWIN_COLUMNS).set_index("symbol").add_prefix("real_")
    pairs = simulated.join(real, how="inner").reset_index()
    return pairs.assign(label=pairs["symbol"].str[0].astype(int))


def with_map_correlations(
    pairs: pd.DataFrame, ours: RecordedSet, real: RecordedSet, seed: int
) -> pd.DataFrame:
    """Add the correlation of each pair's event maps, and of a pair shuffled within its digit."""

    def maps(recordings: RecordedSet) -> np.ndarray:
        by_symbol = {recording.symbol: recording for recording in recordings}
        return np.stack([event_map(by_symbol[symbol].raw) for symbol in pairs["symbol"]])

    ours_maps = maps(ours)
    real_maps = maps(real)
    rng = generator(seed, "shuffled maps")
    shuffled = np.full(len(pairs), np.nan)
    for digit in sorted(set(pairs["label"])):
        places = np.flatnonzero(pairs["label"] == digit)
        partners = places[_pairing(len(places), rng)]
        # A lone symbol would be its own partner.
        if len(places) > 1:
            shuffled[partners] = map_correlations(real_maps[places], ours_maps[partners])
    correlations = map_correlations(real_maps, ours_maps)
    return pairs.assign(map_correlation=correlations, map_correlation_shuffled=shuffled)


def with_readings(pairs: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """Add `real_predicted` and `ours_predicted` of one network to the pairs; missing is silent."""
    digits = pd.to_numeric(predictions["predicted"], errors="coerce")
    read = predictions.assign(digit=digits).pivot(index="symbol", columns="set", values="digit")
    sides = {REAL_TWINS: "real_predicted", SACCADES_TEST: "ours_predicted"}
    return pairs.join(read.rename(columns=sides), on="symbol")


@dataclass(frozen=True)
class PairTwinsJob:
    """What the rule `pair_twins` gives.

    Attributes:
        events, recordings: the stores of `sets`: ``saccades-test``, and ``real-twins`` where the
            study has it.
        shipped: counts and rates of the real recordings.
        predictions: the study's; used at the chosen scales where both sets are in it.
        table, pairs: where the comparison is written, and what it is made from.
    """

    sets: list[SetPlacement]
    events: list[Path]
    recordings: list[Path]
    shipped: Path
    predictions: Path
    study_seed: int
    table: Path
    pairs: Path


def pair_twins(job: PairTwinsJob, progress: Progress) -> None:
    """Compare every simulated twin with the real recording of the same symbol."""
    stored = open_sets(job.events, job.recordings, job.sets)
    pairs = pair_counts(stored[SACCADES_TEST], job.shipped)
    if REAL_TWINS in stored:
        ours = stored[SACCADES_TEST]
        pairs = with_map_correlations(pairs, ours, stored[REAL_TWINS], job.study_seed)
    else:
        pairs = pairs.assign(map_correlation=np.nan, map_correlation_shuffled=np.nan)

    parts = [paired_table(pairs, job.study_seed).assign(variant="", seed=pd.NA)]
    if REAL_TWINS in stored:
        read = read_table(job.predictions, "predictions")
        chosen = read[(read["chosen"] == 1) & read["set"].isin([REAL_TWINS, SACCADES_TEST])]
        for (variant, seed), rows in chosen.groupby(["variant", "seed"]):
            of_network = paired_table(with_readings(pairs, rows), job.study_seed)
            of_readings = of_network["quantity"].str.startswith(("accuracy", "agreement"))
            parts.append(of_network[of_readings].assign(variant=variant, seed=seed))
    write_table(pd.concat(parts, ignore_index=True), job.table, "paired")
    write_table(pairs, job.pairs, "pairs")
    progress.say(f"{len(pairs)} pairs")
