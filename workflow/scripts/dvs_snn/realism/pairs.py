"""Simulated recordings compared with real recordings of the same symbols, pair by pair."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.events.recording import EventRecording
from dvs_snn.files.errors import StudyError
from dvs_snn.files.randomness import generator
from dvs_snn.files.tables import Column
from dvs_snn.realism.twins import TWIN_SENSOR, half_of, read_real_twins, twin_record
from dvs_snn.settings.set_names import REAL_TWINS, SACCADES_TEST
from dvs_snn.sources.split_table import open_recording, read_split

PREDICTION_QUANTITIES = ("accuracy_real", "accuracy_ours", "agreement")

N_SHUFFLES = 20
"""Shuffled pairings over which a shuffled quantity is averaged."""

PAIRED_COLUMNS = {
    "half": Column("text", "", "`odd` symbols (for fitting), `even` ones, or `all`"),
    "digit": Column("text", "", "`0` to `9` or `all`"),
    "quantity": Column("text", "", "what is compared: counts, maps, shares of events or accuracy"),
    "value": Column("number", "that of `quantity`", "the quantity over all pairs of the row"),
    "shuffled": Column(
        "number", "that of `quantity`",
        "the same where each symbol is paired with another of its digit, mean of 20 pairings",
    ),
    "n": Column("whole", "symbols", "pairs of the row"),
}  # fmt: skip
PAIRED_TABLE = {
    **PAIRED_COLUMNS,
    "variant": Column("text", "", "network that is judged, empty where none is"),
    "seed": Column("whole", "", "number of its training, empty where none is"),
}

_SIDES = ("real", "ours")
_WHOSE = {"ours": "the simulated recording", "real": "the real recording"}
PAIR_COLUMNS = {
    "symbol": Column("text", "", "the drawn digit that both recordings show"),
    **{
        f"{side}_{name}": Column(kind, unit, f"{meaning} {recording}")
        for side, recording in _WHOSE.items()
        for name, (kind, unit, meaning) in {
            "n_events": ("whole", "events", "events of"),
            "on_share": ("number", "share", "ON events among those of"),
            **{f"events_saccade_{i}": ("whole", "events", f"events in saccade {i} of")
               for i in (1, 2, 3)},
        }.items()
    },
    "label": Column("whole", "digit", "the digit"),
    "map_correlation": Column("number", "", "correlation of both maps of events per pixel"),
    "map_correlation_shuffled": Column(
        "number", "", "the same with the simulated recording of another symbol of the digit"
    ),
}  # fmt: skip


def event_map(recording: EventRecording) -> np.ndarray:
    """Count a recording's events per pixel. Returns float64 (34, 34): height, width.

    Raises:
        StudyError: if the sensor is not N-MNIST's.
    """
    if recording.sensor_size != TWIN_SENSOR:
        raise StudyError(
            f"event map: sensor of {recording.sensor_size} pixels, expected {TWIN_SENSOR} as "
            "N-MNIST's; simulate the twin for that sensor"
        )
    width, height = TWIN_SENSOR
    flat = recording.events["y"].astype(np.int64) * width + recording.events["x"]
    counts = np.bincount(flat, minlength=width * height)
    return counts.reshape(height, width).astype(np.float64)


def map_correlation(
    real_map: np.ndarray, simulated_map: np.ndarray, shift: tuple[int, int] = (0, 0)
) -> float:
    """Return Pearson's correlation of two maps over the pixels where they overlap.

    Args:
        real_map, simulated_map: float (height, width), of the same shape.
        shift: (dx, dy) in whole pixels by which the simulated map is moved, right and down.

    Returns:
        nan if one of the maps is constant there.
    """
    return float(_map_correlations(real_map[None], simulated_map[None], shift)[0])


def common_shift(
    real_maps: Sequence[np.ndarray], simulated_maps: Sequence[np.ndarray], reach: int = 3
) -> tuple[int, int]:
    """Return the one shift (dx, dy) for all pairs with the largest mean :func:`map_correlation`.

    The smaller shift wins a tie. Fit it on the odd half only, and keep it for the even one.

    Args:
        real_maps, simulated_maps: (pair, height, width), event counts of the same symbols.
        reach: largest shift tried along either axis, in pixels.

    Raises:
        StudyError: if there are no pairs, or no map has a correlation.
    """
    real, simulated = np.asarray(real_maps), np.asarray(simulated_maps)
    if real.ndim != 3 or real.shape != simulated.shape or not len(real):
        raise StudyError(
            f"common shift: maps of shapes {real.shape} and {simulated.shape}, expected both "
            "(pair, height, width) with at least one pair; give each symbol's two maps"
        )
    reaches = range(-reach, reach + 1)
    shifts = sorted(
        ((dx, dy) for dx in reaches for dy in reaches),
        key=lambda shift: (math.hypot(*shift), shift),
    )
    means = [_mean(_map_correlations(real, simulated, shift)) for shift in shifts]
    if np.isnan(means).all():
        raise StudyError(
            "common shift: no pair has a correlation, expected maps that aren't constant; "
            "check that the recordings hold events"
        )
    return shifts[int(np.nanargmax(means))]


def paired_table(pairs: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return ``paired.csv``: how far simulated and real recordings agree, pair by pair.

    Quantities, per half (`odd`, `even`, `all`) and digit (`0` to `9`, `all`):

    - `count_correlation`: Pearson's, of the event counts of the digit's symbols. `all` is the mean
      over the digits, so differences between digits don't count;
    - `map_correlation`: mean over the symbols of the correlation of the event maps; `all` is the
      mean over the digits;
    - `count_ratio`: simulated events over real events, sum over sum;
    - `on_share_real`, `on_share_ours`, `saccade_1_share_real` ...: share of all the symbols'
      events that are ON, or fall into the saccade, sum over sum;
    - with predictions, `accuracy_real`, `accuracy_ours`, `agreement`: share of the symbols read
      rightly, and read alike. A silent network has no reading: it is wrong and agrees with none.

    `shuffled` is the same quantity with each real recording paired with the simulated recording of
    *another* symbol of its digit, drawn at random (mean of :data:`N_SHUFFLES` pairings). It is
    empty where the pairing doesn't matter or a digit has only one symbol. `n` counts symbols.

    Args:
        pairs: one row per symbol: `symbol`, `label`, `real_` and `ours_` with `n_events`,
            `on_share`, `events_saccade_1` to `_3`, then `map_correlation` and
            `map_correlation_shuffled` (the mean of a real map with other symbols' simulated
            ones; both nan where there are no real files), and optionally `real_predicted`,
            `ours_predicted` (missing = silent).
        seed: the study's; shuffles the pairing.

    Raises:
        StudyError: if a column or every row is missing.
    """
    missing = [column for column in PAIR_COLUMNS if column not in pairs.columns]
    if missing or pairs.empty:
        raise StudyError(
            f"paired symbols: {len(pairs)} rows, without the columns {missing}, expected one row a "
            f"symbol with {', '.join(PAIR_COLUMNS)}; measure both recordings of each symbol"
        )
    halves = pairs["symbol"].map(half_of)
    rows: list[dict[str, object]] = []
    for half in ("odd", "even", "all"):
        of_half = pairs if half == "all" else pairs[halves == half]
        if of_half.empty:
            continue
        digits = {int(digit): group for digit, group in of_half.groupby("label")}
        by_digit = {
            digit: _paired_quantities(group, generator(seed, "shuffled pairing", half, digit))
            for digit, group in digits.items()
        }
        over_all = _over_digits(of_half, by_digit, {d: len(g) for d, g in digits.items()})
        for digit, quantities, n_symbols in [
            *((str(digit), by_digit[digit], len(digits[digit])) for digit in digits),
            ("all", over_all, len(of_half)),
        ]:
            rows += [
                dict(zip(PAIRED_COLUMNS, (half, digit, quantity, *values, n_symbols), strict=True))
                for quantity, values in quantities.items()
            ]
    return pd.DataFrame(rows, columns=list(PAIRED_COLUMNS))


Values = dict[str, tuple[float, float]]
"""Quantity -> (value, value with the pairing shuffled)."""


def _paired_quantities(group: pd.DataFrame, random: np.random.Generator) -> Values:
    """Return the quantities of one digit's symbols."""
    shuffles = _shuffled_pairings(len(group), random)
    real, ours = (group[f"{side}_n_events"].to_numpy(np.float64) for side in _SIDES)
    values: Values = {
        "count_correlation": (
            _pearson(real, ours),
            _mean([_pearson(real, ours[shuffle]) for shuffle in shuffles]),
        ),
        "map_correlation": (
            _mean(group["map_correlation"]),
            _mean(group["map_correlation_shuffled"]),
        ),
        **_sums(group),
    }
    if _both_predicted(group):
        real_read, ours_read = (
            group[f"{side}_predicted"].astype("Float64").to_numpy(np.float64, na_value=math.nan)
            for side in _SIDES
        )
        # nan equals nothing, itself neither.
        values["agreement"] = (
            float((real_read == ours_read).mean()),
            _mean([(real_read == ours_read[shuffle]).mean() for shuffle in shuffles]),
        )
    return values


def _over_digits(
    pairs: pd.DataFrame, by_digit: dict[int, Values], n_symbols: dict[int, int]
) -> Values:
    """Combine the quantities of each digit into the quantities of all digits."""
    values: Values = {
        quantity: tuple(_mean([of_digit[quantity][i] for of_digit in by_digit.values()])
                        for i in (0, 1))
        for quantity in ("count_correlation", "map_correlation")
    }  # fmt: skip
    values |= _sums(pairs)
    if _both_predicted(pairs):
        weights = list(n_symbols.values())
        values["agreement"] = tuple(
            float(np.average([by_digit[digit]["agreement"][i] for digit in n_symbols],
                             weights=weights))
            for i in (0, 1)
        )  # fmt: skip
    return values


def _sums(pairs: pd.DataFrame) -> Values:
    """Return the quantities that are sum over sum: they don't depend on the pairing."""
    n_events = {side: pairs[f"{side}_n_events"].sum() for side in _SIDES}
    values = {"count_ratio": _ratio(n_events["ours"], n_events["real"])}
    for side in _SIDES:
        n_on = (pairs[f"{side}_on_share"] * pairs[f"{side}_n_events"]).sum(skipna=False)
        values[f"on_share_{side}"] = _ratio(n_on, n_events[side])
    for saccade in (1, 2, 3):
        for side in _SIDES:
            n_in = pairs[f"{side}_events_saccade_{saccade}"].sum()
            values[f"saccade_{saccade}_share_{side}"] = _ratio(n_in, n_events[side])
    for side in _SIDES:
        if f"{side}_predicted" in pairs.columns:
            right = (pairs[f"{side}_predicted"] == pairs["label"]).fillna(False)
            values[f"accuracy_{side}"] = float(right.mean())
    return {quantity: (value, math.nan) for quantity, value in values.items()}


def _both_predicted(pairs: pd.DataFrame) -> bool:
    return all(f"{side}_predicted" in pairs.columns for side in _SIDES)


def _shuffled_pairings(n_symbols: int, random: np.random.Generator) -> list[np.ndarray]:
    """Return :data:`N_SHUFFLES` orders in which no symbol keeps its place; none for one symbol.

    Each symbol takes the place of the next in a random round, so that a pairing has no true pair.
    """
    if n_symbols < 2:
        return []
    pairings = []
    for _ in range(N_SHUFFLES):
        round_of_all = random.permutation(n_symbols)
        pairing = np.empty(n_symbols, dtype=np.int64)
        pairing[round_of_all] = np.roll(round_of_all, 1)
        pairings.append(pairing)
    return pairings


def _map_correlations(
    real: np.ndarray, simulated: np.ndarray, shift: tuple[int, int]
) -> np.ndarray:
    """Return :func:`map_correlation` of each pair, float64 (pair,), from (pair, height, width)."""
    overlaps = []
    for maps, (dx, dy) in ((real, shift), (simulated, (-shift[0], -shift[1]))):
        height, width = maps.shape[1:]
        rows = slice(max(dy, 0), height + min(dy, 0))
        columns = slice(max(dx, 0), width + min(dx, 0))
        flat = maps[:, rows, columns].reshape(len(maps), -1).astype(np.float64)
        overlaps.append(flat - flat.mean(axis=1, keepdims=True))
    a, b = overlaps
    norms = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.divide((a * b).sum(axis=1), norms, out=np.full(len(a), math.nan), where=norms > 0)


def _pearson(a: np.ndarray, b: np.ndarray) -> float:
    """Return Pearson's correlation; nan if either is constant, as a single value is."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return math.nan
    return float(np.corrcoef(a, b)[0, 1])


def _mean(values: Sequence[float]) -> float:
    """Return the mean of the values that aren't nan; nan if there are none."""
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[~np.isnan(numbers)]
    return float(numbers.mean()) if len(numbers) else math.nan


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else math.nan


def _columns(records: list[dict], side: str) -> pd.DataFrame:
    table = pd.DataFrame(records).drop(columns="duration_s")
    return table.rename(columns={key: f"{side}_{key}" for key in table if key != "symbol"})


def _maps(split: pd.DataFrame, sensor_size: tuple[int, int]) -> dict[str, np.ndarray]:
    return {
        row.symbol: event_map(open_recording(row.file, row.sha256, sensor_size))
        for row in split.itertuples()
    }


def pair_counts(ours_path: Path, shipped_path: Path, sensor_size: tuple[int, int]) -> pd.DataFrame:
    """Return counts and ON shares of every pair, by symbol: ours and the shipped real ones."""
    split = read_split(ours_path)
    ours = [
        {"symbol": row.symbol}
        | twin_record(row.symbol, open_recording(row.file, row.sha256, sensor_size))
        for row in split.itertuples()
    ]
    pairs = _columns(ours, "ours").merge(
        _columns(read_real_twins(shipped_path).to_dict("records"), "real"), on="symbol"
    )
    return pairs.assign(label=pairs["symbol"].str[0].astype(int))


def with_map_correlations(
    pairs: pd.DataFrame, ours: Mapping[str, np.ndarray], real: Mapping[str, np.ndarray], seed: int
) -> pd.DataFrame:
    """Add the correlation of the event maps of each pair, and of a pair shuffled within its digit.

    One shift for all pairs is found on the odd half.
    """
    symbols = list(pairs["symbol"])
    odd = [symbol for symbol in symbols if half_of(symbol) == "odd"]
    shift = common_shift([real[s] for s in odd], [ours[s] for s in odd])
    rng = generator(seed, "shuffled maps")
    others = {}
    for _, part in pairs.groupby("label"):
        own = list(part["symbol"])
        # Turned by one place in a random order: no symbol is paired with itself.
        order = [own[index] for index in rng.permutation(len(own))]
        others |= dict(zip(order, order[1:] + order[:1], strict=True))
    return pairs.assign(
        map_correlation=[map_correlation(real[s], ours[s], shift) for s in symbols],
        map_correlation_shuffled=[
            map_correlation(real[others[s]], ours[s], shift) for s in symbols
        ],
    )


def pair_twins(
    ours_path: Path,
    real_path: Path | None,
    shipped_path: Path,
    predictions: pd.DataFrame,
    sensor_size: tuple[int, int],
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare every simulated twin with the real recording of the same symbol.

    Args:
        ours_path: split table of the set ``saccades-test``.
        real_path: split table of the set ``real-twins``; None where the recordings are absent.
        shipped_path: counts and rates of the real recordings.
        predictions: the study's predictions; used at the chosen scales where both sets are in it.

    Returns:
        The paired table, with `variant` and `seed` where a network is judged; and the pairs.
    """
    pairs = pair_counts(ours_path, shipped_path, sensor_size)
    if real_path is not None:
        ours_maps = _maps(read_split(ours_path), sensor_size)
        real_maps = _maps(read_split(real_path), sensor_size)
        pairs = with_map_correlations(pairs, ours_maps, real_maps, seed)
    else:
        pairs = pairs.assign(map_correlation=np.nan, map_correlation_shuffled=np.nan)
    parts = [paired_table(pairs, seed).assign(variant="", seed=pd.NA)]
    chosen = predictions[predictions["chosen"] == 1]
    if real_path is not None:
        for (variant, replicate), rows in chosen.groupby(["variant", "seed"]):
            read = {
                side: rows[rows["set"] == name].set_index("symbol")["predicted"].rename(
                    f"{side}_predicted"
                )
                for side, name in (("real", REAL_TWINS), ("ours", SACCADES_TEST))
            }  # fmt: skip
            judged = pairs.join(read["real"], on="symbol").join(read["ours"], on="symbol")
            table = paired_table(judged, seed)
            table = table[table["quantity"].isin(PREDICTION_QUANTITIES)]
            parts.append(table.assign(variant=variant, seed=replicate))
    return pd.concat(parts, ignore_index=True), pairs
