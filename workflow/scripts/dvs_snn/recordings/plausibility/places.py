"""Whether recordings lie on the network: events outside, the sensor's size, the digits' size."""

import math
from collections.abc import Sequence

import pandas as pd

from dvs_snn.recordings.placement import NETWORK_SIZE
from dvs_snn.recordings.plausibility.finding import Finding, size_words
from dvs_snn.settings.data import TEN_DIGITS, Classes

MOST_OUTSIDE, MUCH_OUTSIDE = 0.5, 0.1
"""Shares of events outside above which a set is refused, and warned of."""

SIZE_MARGIN = 1.25
"""Digits so many times smaller or larger than nearly all of training's are warned of."""


def fitting_zoom(sensor_size: Sequence[int]) -> float:
    """Return the zoom at which the whole sensor lies on the network, rounded down."""
    return max(math.floor(100 * NETWORK_SIZE / max(sensor_size)) / 100, 0.01)


def sensor_size_of(rows: pd.DataFrame) -> list[int]:
    """Return (width, height) of a set's sensor, from rows of its split table."""
    return [int(rows[side].iloc[0]) for side in ("sensor_width", "sensor_height")]


def outside(rows: pd.DataFrame, seen: pd.DataFrame | None = None) -> Finding | None:
    """Tell if many events fall outside the network, and more than of those that trained, `seen`."""
    share = rows["n_outside"].sum() / rows["n_events"].sum()
    usual = 0.0 if seen is None or seen.empty else seen.loc["outside_share", "high"]
    if share <= max(MUCH_OUTSIDE, usual):
        return None
    size = sensor_size_of(rows)
    sentence = (
        f"{100 * share:.0f} % of the events of the {size_words(size)} sensor fall outside the "
        f"network's {NETWORK_SIZE}x{NETWORK_SIZE} pixels"
    )
    verdict = "refused" if share > MOST_OUTSIDE else "warning"
    return Finding("outside_share", verdict, sentence, {"zoom": fitting_zoom(size)})


def sensor_size(rows: pd.DataFrame, classes: Classes = TEN_DIGITS) -> Finding | None:
    """Tell of a sensor size that is stated nowhere, and of one that the events hardly fill."""
    size = sensor_size_of(rows)
    if untold := int((rows["size_told"] == 0).sum()):
        sentence = (
            f"{untold} of {len(rows)} recordings tell no sensor size or a smaller one; all are "
            f"read as of {size_words(size)} pixels, the largest"
        )
        return Finding("sensor_size", "warning", sentence, {"sensor_size": size})
    used = [int(rows[side].max()) for side in ("used_width", "used_height")]
    shares = [(rows[f"used_{side}"] / rows[f"sensor_{side}"]).max() for side in ("width", "height")]
    if max(shares) > 0.5:
        return None
    sentence = (
        f"no event lies beyond the first {size_words(used)} of {size_words(size)} sensor pixels, "
        f"so the {classes.thing}s lie in a corner of the network"
    )
    remedy = {"sensor_size": used, "zoom": fitting_zoom(used)}
    return Finding("sensor_size", "warning", sentence, remedy)


def size_on_network(
    found: pd.DataFrame, seen: pd.DataFrame, zoom: float, classes: Classes = TEN_DIGITS
) -> Finding | None:
    """Tell if the digits are smaller or larger on the network than nearly all that trained it."""
    if seen.empty:
        return None
    ours, trained = float(found["box_px"].median()), seen.loc["box_px"]
    if trained["low"] / SIZE_MARGIN <= ours <= trained["high"] * SIZE_MARGIN or ours == 0:
        return None
    fitting = float(f"{zoom * trained['median'] / ours:.2g}")
    sentence = (
        f"the {classes.thing}s are {ours:.0f} network pixels wide or high, training's "
        f"{trained['low']:.0f} to {trained['high']:.0f}"
    )
    return Finding("box_px", "warning", sentence, {"zoom": fitting})
