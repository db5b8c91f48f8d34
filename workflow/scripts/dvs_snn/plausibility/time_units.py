"""Whether times can be in the unit in which they were read.

A wrong unit makes a recording a thousand times shorter or longer, and its power far too high or too
low. What sensors can send gives limits that a factor of a thousand breaks.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from dvs_snn.events.recording import UNITS_PER_SECOND
from dvs_snn.plausibility.finding import Finding, count_words, seconds_words

UNITS_US = {unit: 1e6 / number for unit, number in UNITS_PER_SECOND.items()}
"""Microseconds of each unit of the setting `time_unit`."""

SHORTEST_S = 1e-6
"""Recordings whose events have all one time count as a microsecond long."""

MAX_PIXEL_RATE = 1000.0
"""Most events a second, on average over a recording, of each pixel that sent any. A fast readout,
1.066 billion events a second of 1280x720 pixels (Finateu et al. 2020, ISSCC), takes 1,157 of each.
Real digits of N-MNIST and MNIST-DVS made a pixel send 7 to 40."""

MIN_PIXEL_RATE = 0.1
"""Least events a second of each pixel that sent any, in a recording longer than `LONG_S`: the leak
alone makes a pixel send 0.1, as the simulator v2e takes it (Hu et al. 2021)."""

LONG_S, FEWEST_EVENTS = 60.0, 100
"""A recording of a digit is shorter; in nanoseconds one of 0.06 s or more would be longer. Those
with fewer events tell no rate."""


def unit_by_sensor(rows: pd.DataFrame, where: Mapping[str, Any]) -> Finding | None:
    """Refuse recordings that are too fast or too slow for any sensor; None if there are none.

    `where` may tell the `time_unit` in which the times of a split table's `rows` were read.
    """
    odd = _odd_recordings(rows)
    if odd.empty:
        return None
    sentence, unit = _question(odd, where)
    sentence = f"{odd['recording'].iloc[0]} ({len(odd)} of {len(rows)} recordings): {sentence}"
    if 2 * len(odd) <= len(rows):
        return Finding("time_unit", "refused", f"{sentence} write it as in the other files")
    return Finding("time_unit", "refused", sentence, {"time_unit": unit} if unit else {})


def _odd_recordings(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of recordings whose rate no sensor sends; if both kinds, the too fast."""
    rate = _pixel_rate(rows)
    is_judged = rows["n_events"] >= FEWEST_EVENTS
    fast = rows[is_judged & (rate > MAX_PIXEL_RATE)]
    slow = rows[is_judged & (rate < MIN_PIXEL_RATE) & (rows["duration_s"] > LONG_S)]
    return slow if fast.empty else fast


def _pixel_rate(rows: pd.DataFrame) -> pd.Series:
    """Events a second of each pixel that sent any."""
    return rows["n_events"] / rows["n_pixels"] / rows["duration_s"].clip(lower=SHORTEST_S)


def _question(odd: pd.DataFrame, where: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the question about the typical odd recording, and the unit it asks for, if one fits.

    A pixel's rate then lies between the limits, nearest to their middle.
    """
    rate = float(_pixel_rate(odd).median())
    middle = math.sqrt(MIN_PIXEL_RATE * MAX_PIXEL_RATE)
    told = UNITS_US[where.get("time_unit") or "us"]
    rates = {unit: rate * told / size for unit, size in UNITS_US.items() if size != told}
    fitting = {u: r for u, r in rates.items() if MIN_PIXEL_RATE <= r <= MAX_PIXEL_RATE}
    unit = min(fitting, key=lambda u: abs(math.log(fitting[u] / middle)), default=None)
    seconds = max(float(odd["duration_s"].median()), SHORTEST_S)
    limit = "more than any sensor sends" if rate > 1 else "less than a sensor's own noise"
    events = count_words(float(odd["n_events"].median()) / seconds)
    sentence = (
        f"{seconds_words(seconds)} long with {events} events a second, {limit}: "
        f"is `t` in {unit or 'another unit'}?"
    )
    return sentence, unit
