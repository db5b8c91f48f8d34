"""Whether a sensor can have sent recordings, in their unit, and whether they lie on the network.

A set whose numbers would be wrong is refused in the job that reads it first.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.folders.split_table import facts_of, gap_of
from dvs_snn.recordings.placement import NETWORK_SIZE, Placement, place
from dvs_snn.recordings.plausibility.completeness import FEWEST_EVENTS, has_gap
from dvs_snn.recordings.plausibility.finding import (
    Finding,
    Verdict,
    count_words,
    seconds_words,
    size_words,
    some_words,
)
from dvs_snn.recordings.plausibility.ranges import SHORTEST_S, levels_of
from dvs_snn.recordings.recording import UNITS_PER_SECOND, EventRecording
from dvs_snn.settings.data import TEN_DIGITS, Classes

MIN_PIXEL_RATE = 0.1
MAX_PIXEL_RATE = 1000.0
"""Events a second of each pixel that sent any. The leak alone makes 0.1 (v2e, Hu et al. 2021), real
digits 7 to 40; a fast readout takes 1,157 of each (Finateu et al. 2020, ISSCC)."""

LONG_S = 60.0
"""Recordings of digits are shorter."""

MOST_OUTSIDE = 0.5
MUCH_OUTSIDE = 0.1
"""Shares of events outside above which a set is refused, and warned of."""

FEWEST_IN_ALL = 1000
"""Fewer events in all files together may well leave columns empty."""

LONE_LARGE = 1.5
FEW = 0.1
"""If so small a share of recordings has events so many times further out than the median one, these
events are strays."""

SIZE_MARGIN = 1.25
"""Digits so many times smaller or larger than nearly all of training's are warned of."""

HOT_EVENTS = 20
HOT_TIMES = 3
HOT_SHARE = 0.9
"""A hot pixel sent so many events, and so many times those of most pixels that sent any, and of
the second most active of its neighbours: the edge of what moves has two as active."""

ALONE_EVENTS = 100
ALONE_TIMES = 12
"""Where the digit fills the sensor: so many, and so many times the second neighbour's. In 1,000
N-MNIST recordings together no pixel reaches 12 times."""

MUCH_HOT = 0.02
"""A hot pixel that sends a larger share of the events is warned of. In real sets it sends 0.004 of
them."""

ONE_BYTE = 256
"""A byte holds 0 to 255: a program that stores coordinates in one makes 0 of 256."""

SHIFTED = 0.5
SHIFTED_UNSTATED = 0.1
"""If larger shares of a stated and of an unstated side lie before all events, these are shifted."""

STRIDE = 2**17
"""Pixel x, y is y * STRIDE + x: no sensor is so wide that a neighbour lies in another row."""


def refuse(name: str, rows: pd.DataFrame, time_unit: str | None) -> None:
    """End the job of a set that no sensor can have sent, or that the network hardly sees."""
    findings = [unit_by_sensor(rows, time_unit), *misplaced(rows)]
    refused = [str(each) for each in findings if each and each.verdict == "refused"]
    if refused:
        raise StudyError(f"{name}: {'; '.join(refused)}.")


def refuse_shown(
    name: str, recording: EventRecording, placement: Placement | None, time_unit: str | None
) -> None:
    """End the job of a recording A, B, C for the same faults, by a StudyError."""
    if placement is None:  # one of the tutorial's own videos
        return
    row = {
        "recording": name,
        "size_told": int(recording.size_told),
        **gap_of(recording),
        **facts_of(recording, place(recording, placement)),
    }
    refuse(f"recording {name}", pd.DataFrame([row]), time_unit)


def unit_by_sensor(rows: pd.DataFrame, time_unit: str | None = None) -> Finding | None:
    """Refuse recordings that are too fast or too slow for any sensor.

    If some are too fast and others too slow, the finding is on the fast ones.

    Args:
        time_unit: in which the times of `rows`, of a split table, were read; None: us.
    """
    # A stray event behind a long pause tells nothing of the unit.
    seconds_each = rows["duration_s"] - rows["gap_s"].where(has_gap(rows), 0)
    rate = rows["n_events"] / rows["n_pixels"] / seconds_each.clip(lower=SHORTEST_S)
    is_judged = rows["n_events"] >= FEWEST_EVENTS
    fast = is_judged & (rate > MAX_PIXEL_RATE)
    slow = is_judged & (rate < MIN_PIXEL_RATE) & (seconds_each > LONG_S)
    odd = rows[fast if fast.any() else slow]
    if odd.empty:
        return None
    typical = float(rate[odd.index].median())
    seconds = max(float(seconds_each[odd.index].median()), SHORTEST_S)
    unit = fitting_unit(typical, seconds, time_unit or "us")
    limit = "more than any sensor sends" if typical > 1 else "less than a sensor's own noise"
    events = count_words(float(odd["n_events"].median()) / seconds)
    sentence = (
        f"{odd['recording'].iloc[0]} ({len(odd)} of {len(rows)} recordings): "
        f"{seconds_words(seconds)} long with {events} events a second, {limit}: "
    )
    if unit is None:
        sentence += "filter noise out of the files, or write `t` in us, and check again"
        return Finding("time_unit", "refused", sentence)
    sentence += f"is `t` in {unit}?"
    if 2 * len(odd) <= len(rows):
        return Finding("time_unit", "refused", f"{sentence} write it as in the other files")
    return Finding("time_unit", "refused", sentence, {"time_unit": unit})


def fitting_unit(rate: float, seconds: float, read_in: str) -> str | None:
    """Return the unit that lays a pixel's rate between the limits, nearest to their middle."""
    middle = math.sqrt(MIN_PIXEL_RATE * MAX_PIXEL_RATE)
    rates = {}
    for unit, per_second in UNITS_PER_SECOND.items():
        factor = per_second / UNITS_PER_SECOND[read_in]
        is_possible = MIN_PIXEL_RATE <= rate * factor <= MAX_PIXEL_RATE
        # Noise has the rate of a wrong unit, but lasts too long in the right one.
        if unit != read_in and is_possible and seconds / factor <= LONG_S:
            rates[unit] = rate * factor
    return min(rates, key=lambda unit: abs(math.log(rates[unit] / middle)), default=None)


def fitting_zoom(sensor_size: Sequence[int]) -> float:
    """Return the zoom at which the whole sensor lies on the network, rounded down."""
    return max(math.floor(100 * NETWORK_SIZE / max(sensor_size)) / 100, 0.01)


def sensor_size_of(rows: pd.DataFrame) -> list[int]:
    """Return (width, height) of a set's sensor, from rows of its split table."""
    return [int(rows[side].iloc[0]) for side in ("sensor_width", "sensor_height")]


def off_centre(rows: pd.DataFrame) -> Finding | None:
    """Tell of empty columns or rows before all events, which lay these off the centre."""
    if rows["n_events"].sum() < FEWEST_IN_ALL:
        return None
    is_stated = rows["size_told"].all()
    empty = []
    steps = []
    for axis, side in (("x", "width"), ("y", "height")):
        size = int(rows[f"sensor_{side}"].iloc[0])
        least = int(rows[f"least_{axis}"].min())
        if least > size * (SHIFTED if is_stated else SHIFTED_UNSTATED):
            # A size that is stated stays, and what it holds moves to its middle.
            by = (least + int(rows[f"used_{side}"].max()) - size) // 2 if is_stated else least
            empty.append(f"{axis} < {least}")
            steps.append(f"{by} from {axis}")
    if not steps:
        return None
    sentence = (
        f"no event has {' or '.join(empty)} on a sensor of {size_words(sensor_size_of(rows))} "
        f"pixels: subtract {' and '.join(steps)} in all files, and check again"
    )
    is_lost = rows["n_outside"].sum() > MOST_OUTSIDE * rows["n_events"].sum()
    return Finding("off_centre", "refused" if is_lost else "warning", sentence)


def one_byte(rows: pd.DataFrame) -> Finding | None:
    """Tell of coordinates that end where those do that a program stores in one byte."""
    for axis, side in (("x", "width"), ("y", "height")):
        is_full = rows[f"used_{side}"].max() == ONE_BYTE and rows[f"least_{axis}"].min() == 0
        if is_full and ONE_BYTE < rows[f"sensor_{side}"].iloc[0]:
            sentence = (
                f"the events fill {axis} = 0 to 255 of a sensor of "
                f"{size_words(sensor_size_of(rows))} pixels: if a program stored {axis} in one "
                "byte, export the files again; if the files hold a part of the sensor, state that "
                "part's size"
            )
            return Finding("one_byte", "warning", sentence)
    return None


def outside(rows: pd.DataFrame, seen: pd.DataFrame | None = None) -> Finding | None:
    """Tell if many events fall outside the network, and more than of those that trained, `seen`."""
    share = rows["n_outside"].sum() / rows["n_events"].sum()
    usual = 0.0 if seen is None or seen.empty else levels_of(seen).loc["outside_share", "high"]
    if share <= max(MUCH_OUTSIDE, usual):
        return None
    size = sensor_size_of(rows)
    sentence = (
        f"{100 * share:.0f} % of the events of the {size_words(size)} sensor fall outside the "
        f"network's {NETWORK_SIZE}x{NETWORK_SIZE} pixels"
    )
    verdict: Verdict = "refused" if share > MOST_OUTSIDE else "warning"
    return Finding("outside_share", verdict, sentence, {"zoom": fitting_zoom(size)})


def misplaced(
    rows: pd.DataFrame, seen: pd.DataFrame | None = None, is_size_set: bool = False
) -> list[Finding]:
    """Tell why events lie beside the network, or in a corner of it; one cause makes one finding.

    Args:
        seen: what training saw.
        is_size_set: whether the settings state the sensor's size.
    """
    if shift := off_centre(rows):
        return [shift]
    size = one_byte(rows) or sensor_size(rows, is_size_set)
    lost = outside(rows, seen)
    if lost and size and (size.check == "one_byte" or "zoom" in size.remedy):
        # The wrong size lays events outside, and so the zoom that would fit is wrong too.
        return [replace(size, verdict=lost.verdict)]
    return [finding for finding in (lost, size) if finding]


def sensor_size(rows: pd.DataFrame, is_set: bool = False) -> Finding | None:
    """Tell of a sensor size that no file states, or of which recordings use less than half.

    `is_set`: the settings state it, so it needn't be set.
    """
    size = sensor_size_of(rows)
    if n_unstated := int((rows["size_told"] == 0).sum()):
        if odd := _lone_large(rows):
            return odd
        sentence = (
            f"{n_unstated} of {len(rows)} recordings state no sensor size or a smaller one; the "
            f"study reads all as of {size_words(size)} pixels, the largest"
        )
        verdict: Verdict = "told" if is_set else "warning"
        return Finding("sensor_size", verdict, sentence, {"sensor_size": size})
    used = [int(rows[side].max()) for side in ("used_width", "used_height")]
    if any(2 * n > side for n, side in zip(used, size, strict=True)):
        return None
    sentence = (
        f"no event lies beyond the first {size_words(used)} of {size_words(size)} sensor pixels, "
        "so all events lie in a corner of the network"
    )
    remedy = {"sensor_size": used, "zoom": fitting_zoom(used)}
    return Finding("sensor_size", "warning", sentence, remedy)


def _lone_large(rows: pd.DataFrame) -> Finding | None:
    """Tell of few recordings with events far beyond all others, where no file states a size."""
    used = rows[["used_width", "used_height"]]
    is_odd = (used > LONE_LARGE * used.median()).any(axis=1)
    if not 0 < is_odd.mean() <= FEW:
        return None
    rest = [int(most) for most in used[~is_odd].max()]
    worst = [int(most) for most in used[is_odd].max()]
    names = some_words(rows.loc[is_odd, "recording"].tolist())
    sentence = (
        f"only {names} reach {size_words(worst)} pixels, all others {size_words(rest)}: leave out "
        "their events beyond that, and state the sensor's size"
    )
    remedy = {"sensor_size": rest, "zoom": fitting_zoom(rest)}
    return Finding("sensor_size", "warning", sentence, remedy)


def size_on_network(
    rows: pd.DataFrame, seen: pd.DataFrame, zoom: float, classes: Classes = TEN_DIGITS
) -> Finding | None:
    """Tell if the digits are smaller or larger on the network than nearly all that trained it."""
    if seen.empty:
        return None
    ours = float(rows["box_px"].median())
    trained = levels_of(seen).loc["box_px"]
    if trained["low"] / SIZE_MARGIN <= ours <= trained["high"] * SIZE_MARGIN or ours == 0:
        return None
    fitting = float(f"{zoom * trained['median'] / ours:.2g}")
    sentence = (
        f"the {classes.thing}s are {ours:.0f} network pixels wide or high, those of training "
        f"{trained['low']:.0f} to {trained['high']:.0f}"
    )
    return Finding("box_px", "warning", sentence, {"zoom": fitting})


def pixel_counts(recording: EventRecording) -> pd.Series:
    """Return the events of each sensor pixel that sent any, by `STRIDE`."""
    places = recording.events["y"].astype(np.int64) * STRIDE + recording.events["x"]
    pixels, n_events = np.unique(places, return_counts=True)
    return pd.Series(n_events, pixels)


def hot_pixels(pixels: pd.Series) -> pd.Series:
    """Return the hot ones of some pixels' events, the most active first."""
    median, most = pixels.quantile([0.5, HOT_SHARE])
    active = pixels[(pixels >= HOT_EVENTS) & (pixels > HOT_TIMES * median)]
    steps = [dy * STRIDE + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
    around = [pixels.reindex(active.index + step, fill_value=0).to_numpy() for step in steps]
    second = np.sort(around, axis=0)[-2]
    is_hot = (active > HOT_TIMES * most) & (active > HOT_TIMES * second)
    is_alone = (active >= ALONE_EVENTS) & (active > ALONE_TIMES * second)
    return active[is_hot | is_alone].sort_values(ascending=False, kind="stable")


def hot(pixels: pd.Series) -> Finding | None:
    """Tell of hot pixels: they send events whatever the scene shows."""
    hottest = hot_pixels(pixels)
    if hottest.empty:
        return None
    worst = [f"x {n % STRIDE} y {n // STRIDE} ({of:,.0f})" for n, of in hottest.iloc[:5].items()]
    sentence = (
        f"hot pixels: {len(hottest)}, with {100 * hottest.sum() / pixels.sum():.1f} % of the "
        f"events, the worst {', '.join(worst)}; mask them in the camera, or leave their events out"
    )
    is_much = hottest.iloc[0] > MUCH_HOT * pixels.sum()
    return Finding("hot_pixels", "warning" if is_much else "told", sentence)
