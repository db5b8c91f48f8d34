"""Whether times can be in the unit in which they were read, by what sensors can send."""

import math

import pandas as pd

from dvs_snn.recordings.plausibility.finding import Finding, count_words, seconds_words
from dvs_snn.recordings.recording import UNITS_PER_SECOND

UNITS_US = {unit: 1e6 / number for unit, number in UNITS_PER_SECOND.items()}
"""Microseconds of each unit of the setting `time_unit`."""

SHORTEST_S = 1e-6
"""Recordings whose events have all one time count as a microsecond long."""

MIN_PIXEL_RATE, MAX_PIXEL_RATE = 0.1, 1000.0
"""Events a second of each pixel that sent any. The leak alone makes 0.1 (v2e, Hu et al. 2021), real
digits 7 to 40; a fast readout takes 1,157 of each (Finateu et al. 2020, ISSCC)."""

LONG_S, FEWEST_EVENTS = 60.0, 100
"""Recordings of digits are shorter, and those with fewer events tell no rate."""


def unit_by_sensor(rows: pd.DataFrame, time_unit: str | None = None) -> Finding | None:
    """Refuse recordings that are too fast or too slow for any sensor; if both, the too fast.

    `time_unit` is that in which the times of a split table's `rows` were read; None: us.
    """
    rate = rows["n_events"] / rows["n_pixels"] / rows["duration_s"].clip(lower=SHORTEST_S)
    is_judged = rows["n_events"] >= FEWEST_EVENTS
    odd = rows[is_judged & (rate > MAX_PIXEL_RATE)]
    if odd.empty:
        odd = rows[is_judged & (rate < MIN_PIXEL_RATE) & (rows["duration_s"] > LONG_S)]
    if odd.empty:
        return None
    typical = float(rate[odd.index].median())
    unit = _fitting_unit(typical, time_unit or "us")
    seconds = max(float(odd["duration_s"].median()), SHORTEST_S)
    limit = "more than any sensor sends" if typical > 1 else "less than a sensor's own noise"
    events = count_words(float(odd["n_events"].median()) / seconds)
    sentence = (
        f"{odd['recording'].iloc[0]} ({len(odd)} of {len(rows)} recordings): "
        f"{seconds_words(seconds)} long with {events} events a second, {limit}: "
        f"is `t` in {unit or 'another unit'}?"
    )
    if 2 * len(odd) <= len(rows):
        return Finding("time_unit", "refused", f"{sentence} write it as in the other files")
    return Finding("time_unit", "refused", sentence, {"time_unit": unit} if unit else {})


def _fitting_unit(rate: float, read_in: str) -> str | None:
    """Return the unit that lays a pixel's rate between the limits, nearest to their middle."""
    middle = math.sqrt(MIN_PIXEL_RATE * MAX_PIXEL_RATE)
    rates = {unit: rate * UNITS_US[read_in] / size for unit, size in UNITS_US.items()}
    del rates[read_in]
    fitting = [unit for unit in rates if MIN_PIXEL_RATE <= rates[unit] <= MAX_PIXEL_RATE]
    return min(fitting, key=lambda unit: abs(math.log(rates[unit] / middle)), default=None)
