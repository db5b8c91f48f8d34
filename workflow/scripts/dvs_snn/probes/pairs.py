"""Simulated recordings compared with real recordings of the same symbols, pair by pair."""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.probes.twins import TWIN_SENSOR, half_of, read_real_twins, twin_record
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.recordings.store.event_store import RecordedSet, open_store
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
    flat = recording.events["y"].astype(np.int64) * width + recording.events["x"]
    counts = np.bincount(flat, minlength=width * height)
    return counts.reshape(height, width).astype(np.float64)


def map_correlations(real: np.ndarray, simulated: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation of the two maps of each pair.

    Args:
        real, simulated: float (pair, height, width), of the same shape.

    Returns:
        float64 (pair,), nan if one of the maps is constant.
    """
    a, b = (maps - maps.mean(axis=(1, 2), keepdims=True) for maps in (real, simulated))
    norms = np.sqrt((a**2).sum(axis=(1, 2)) * (b**2).sum(axis=(1, 2)))
    return np.divide((a * b).sum(axis=(1, 2)), norms, out=np.full(len(a), np.nan), where=norms > 0)


Values = dict[str, tuple[float, float]]
"""Quantity -> (value, value with the pairing shuffled)."""


def paired_table(pairs: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return ``paired.csv`` of one network: how far simulated and real recordings agree.

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
    *another* symbol of its digit, drawn at random (mean of `N_SHUFFLES` pairings). It is empty
    where the pairing doesn't matter or a digit has only one symbol. `n` counts symbols.

    Args:
        pairs: columns of ``pairs.csv``, a row a symbol; both correlations of maps are nan where
            there are no real files. Perhaps `real_predicted`, `ours_predicted` (missing = silent).
        seed: the study's; shuffles the pairing.
    """
    halves = pairs["symbol"].map(half_of)
    rows: list[tuple] = []
    for half in ("odd", "even", "all"):
        of_half = pairs if half == "all" else pairs[halves == half]
        if of_half.empty:
            continue
        digits = {int(digit): group for digit, group in of_half.groupby("label")}
        values = {
            digit: _of_digit(group, generator(seed, "shuffled pairing", half, digit))
            for digit, group in digits.items()
        }
        values["all"] = _of_all(of_half, values)
        for digit, quantities in values.items():
            n_symbols = len(digits.get(digit, of_half))
            rows += [(half, str(digit), name, *two, n_symbols) for name, two in quantities.items()]
    return pd.DataFrame(rows, columns=["half", "digit", "quantity", "value", "shuffled", "n"])


def _of_digit(group: pd.DataFrame, random: np.random.Generator) -> Values:
    """Return the quantities of one digit's symbols."""
    n = len(group)
    shuffles = [_pairing(n, random) for _ in range(N_SHUFFLES)] if n > 1 else []

    def shuffled(agree: Callable, column: str) -> tuple[float, float]:
        real, ours = (
            group[f"{side}_{column}"].astype("Float64").to_numpy(np.float64, na_value=math.nan)
            for side in SIDES
        )
        return agree(real, ours), _mean(agree(real, ours[shuffle]) for shuffle in shuffles)

    values = {"count_correlation": shuffled(_pearson, "n_events")}
    maps = ("map_correlation", "map_correlation_shuffled")
    values["map_correlation"] = tuple(_mean(group[name]) for name in maps)
    values |= _sums(group)
    if {"accuracy_real", "accuracy_ours"} <= values.keys():
        # nan equals nothing, itself neither.
        values["agreement"] = shuffled(lambda a, b: float((a == b).mean()), "predicted")
    return values


def _of_all(pairs: pd.DataFrame, by_digit: Mapping[int, Values]) -> Values:
    """Return the quantities of all symbols: sums, and means over the digits."""
    digits = list(by_digit.values())
    values = digits[0] | _sums(pairs)
    for name in ("count_correlation", "map_correlation"):
        values[name] = tuple(map(_mean, zip(*(digit[name] for digit in digits), strict=True)))
    if "agreement" in values:
        n_symbols = pairs["label"].value_counts()[list(by_digit)]
        by_side = zip(*(digit["agreement"] for digit in digits), strict=True)
        values["agreement"] = tuple(float(np.average(s, weights=n_symbols)) for s in by_side)
    return values


def _sums(pairs: pd.DataFrame) -> Values:
    """Return the quantities that don't depend on the pairing: ratios of sums over all symbols."""

    def over(part: float, side: str) -> float:
        whole = float(pairs[f"{side}_n_events"].sum())
        return float(part) / whole if whole else math.nan

    values = {"count_ratio": over(pairs["ours_n_events"].sum(), "real")}
    for side in SIDES:
        n_on = (pairs[f"{side}_on_share"] * pairs[f"{side}_n_events"]).sum(skipna=False)
        values[f"on_share_{side}"] = over(n_on, side)
    for saccade, side in itertools.product((1, 2, 3), SIDES):
        n_in = pairs[f"{side}_events_saccade_{saccade}"].sum()
        values[f"saccade_{saccade}_share_{side}"] = over(n_in, side)
    for side in SIDES:
        if f"{side}_predicted" in pairs.columns:
            right = (pairs[f"{side}_predicted"] == pairs["label"]).fillna(False)
            values[f"accuracy_{side}"] = float(right.mean())
    return {quantity: (value, math.nan) for quantity, value in values.items()}


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
    numbers = np.array([value for value in values if not math.isnan(value)], dtype=np.float64)
    return float(numbers.mean()) if len(numbers) else math.nan


def pair_counts(ours: RecordedSet, shipped: Path) -> pd.DataFrame:
    """Return counts and ON shares of every pair, by symbol: simulated, and real as shipped."""
    counts = pd.DataFrame(twin_record(recording.symbol, recording.raw) for recording in ours)
    simulated, real = (
        table.drop(columns="duration_s").set_index("symbol").add_prefix(f"{side}_")
        for side, table in (("ours", counts), ("real", read_real_twins(shipped)))
    )
    pairs = simulated.join(real, how="inner").reset_index()
    return pairs.assign(label=pairs["symbol"].str[0].astype(int))


def with_map_correlations(
    pairs: pd.DataFrame, ours: RecordedSet, real: RecordedSet, seed: int
) -> pd.DataFrame:
    """Add the correlation of each pair's event maps, and of a pair shuffled within its digit."""

    def maps(recordings: RecordedSet) -> np.ndarray:
        by_symbol = {recording.symbol: recording for recording in recordings}
        return np.stack([event_map(by_symbol[symbol].raw) for symbol in pairs["symbol"]])

    ours_maps, real_maps = maps(ours), maps(real)
    rng = generator(seed, "shuffled maps")
    shuffled = np.empty(len(pairs))
    for digit in sorted(set(pairs["label"])):
        places = np.flatnonzero(pairs["label"] == digit)
        partners = places[_pairing(len(places), rng)]
        shuffled[partners] = map_correlations(real_maps[places], ours_maps[partners])
    correlations = map_correlations(real_maps, ours_maps)
    return pairs.assign(map_correlation=correlations, map_correlation_shuffled=shuffled)


def with_readings(pairs: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """Add `real_predicted` and `ours_predicted` of one network to the pairs; missing is silent."""
    digits = pd.to_numeric(predictions["predicted"], errors="coerce")
    read = predictions.assign(digit=digits).pivot(index="symbol", columns="set", values="digit")
    sides = {REAL_TWINS: "real_predicted", SACCADES_TEST: "ours_predicted"}
    return pairs.join(read.rename(columns=sides), on="symbol")


def pair_twins(
    events: list[Path],
    recordings: list[Path],
    placements: dict[str, Placement],
    shipped: Path,
    predictions: Path,
    study_seed: int,
    table: Path,
    pairs: Path,
    progress: Progress,
) -> None:
    """Compare every simulated twin with the real recording of the same symbol.

    Args:
        events, recordings, placements: the store of the set ``saccades-test``, and that of
            ``real-twins`` where the study has it.
        shipped: counts and rates of the real recordings.
        predictions: the study's; used at the chosen scales where both sets are in it.
        table, pairs: where the comparison is written, and what it is made from.
    """
    stored = zip(events, recordings, strict=True)
    ours, *real = (open_store(*store, placements) for store in stored)
    of_symbols = pair_counts(ours, shipped)
    if real:
        of_symbols = with_map_correlations(of_symbols, ours, *real, study_seed)
    else:
        of_symbols = of_symbols.assign(map_correlation=np.nan, map_correlation_shuffled=np.nan)
    parts = [paired_table(of_symbols, study_seed).assign(variant="", seed=pd.NA)]
    if real:
        read = read_table(predictions, "predictions")
        chosen = read[(read["chosen"] == 1) & read["set"].isin([REAL_TWINS, SACCADES_TEST])]
        for (variant, seed), rows in chosen.groupby(["variant", "seed"]):
            of_network = paired_table(with_readings(of_symbols, rows), study_seed)
            of_readings = of_network["quantity"].str.startswith(("accuracy", "agreement"))
            parts.append(of_network[of_readings].assign(variant=variant, seed=seed))
    write_table(pd.concat(parts, ignore_index=True), table, "paired")
    write_table(of_symbols, pairs, "pairs")
    progress.say(f"{len(of_symbols)} pairs")
