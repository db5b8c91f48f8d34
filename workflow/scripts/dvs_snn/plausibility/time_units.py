"""Whether times can be in the unit in which they were read.

A wrong unit makes a recording a thousand times shorter or longer, and its power far too high or too
low. What sensors can send gives limits that a factor of a thousand breaks.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from dvs_snn.events.recording import UNITS_PER_SECOND
from dvs_snn.plausibility.finding import Finding, count_words, named, seconds_words

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

LONG_S = 60.0
"""A recording of a digit is shorter; in nanoseconds one of 0.06 s or more would be longer."""

FEWEST_EVENTS = 100
"""Recordings with fewer events tell no rate."""

AS_OTHERS = "write it as in the other files"

FAR = 100.0
"""A duration so many times training's asks for the unit, if the rate falls as it rises."""


def unit_by_sensor(rows: pd.DataFrame, where: Mapping[str, Any]) -> Finding | None:
    """Refuse recordings that are too fast or too slow for any sensor; None if there are none.

    Args:
        rows: of a split table, those of one set.
        where: `time_unit`, in which the times were read, if the settings tell it.
    """
    odd = odd_recordings(rows)
    if odd.empty:
        return None
    sentence, unit = _asked(odd, where)
    sentence = f"{named(odd, len(rows))}: {sentence}"
    if 2 * len(odd) <= len(rows):
        return Finding("time_unit", "refused", f"{sentence} {AS_OTHERS}")
    return Finding("time_unit", "refused", sentence, {"time_unit": unit} if unit else {})


def single_files(rows: pd.DataFrame, where: Mapping[str, Any]) -> dict[str, str]:
    """Return a sentence on each recording whose unit differs from that of most others, by name.

    Args:
        rows, where: as of `unit_by_sensor`.
    """
    odd = odd_recordings(rows)
    if 2 * len(odd) > len(rows):
        return {}
    return {
        name: f"{name}: {_asked(own, where)[0]} {AS_OTHERS}"
        for name, own in odd.groupby("recording", sort=False)
    }


def odd_recordings(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of recordings whose rate no sensor sends; if both kinds, the too fast."""
    rate = _pixel_rate(rows)
    is_judged = rows["n_events"] >= FEWEST_EVENTS
    fast = rows[is_judged & (rate > MAX_PIXEL_RATE)]
    slow = rows[is_judged & (rate < MIN_PIXEL_RATE) & (rows["duration_s"] > LONG_S)]
    return slow if fast.empty else fast


def _pixel_rate(rows: pd.DataFrame) -> pd.Series:
    """Events a second of each pixel that sent any."""
    return rows["n_events"] / rows["n_pixels"] / rows["duration_s"].clip(lower=SHORTEST_S)


def _asked(odd: pd.DataFrame, where: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the question about the typical one of `odd_recordings`, and the unit it asks for."""
    rate = float(_pixel_rate(odd).median())
    seconds = max(float(odd["duration_s"].median()), SHORTEST_S)
    unit = _fitting_unit(rate, where)
    limit = "more than any sensor sends" if rate > 1 else "less than a sensor's own noise"
    events = count_words(float(odd["n_events"].median()) / seconds)
    sentence = (
        f"{seconds_words(seconds)} long with {events} events a second, {limit}: "
        f"is `t` in {unit or 'another unit'}?"
    )
    return sentence, unit


def _fitting_unit(rate: float, where: Mapping[str, Any]) -> str | None:
    """Return the unit in which a pixel's rate lies between the limits, nearest to their middle."""
    middle = math.sqrt(MIN_PIXEL_RATE * MAX_PIXEL_RATE)
    told = UNITS_US[where.get("time_unit") or "us"]
    rates = {unit: rate * told / size for unit, size in UNITS_US.items() if size != told}
    fitting = {u: r for u, r in rates.items() if MIN_PIXEL_RATE <= r <= MAX_PIXEL_RATE}
    return min(fitting, key=lambda u: abs(math.log(fitting[u] / middle)), default=None)


def unit_by_training(
    found: pd.DataFrame, seen: pd.DataFrame, where: Mapping[str, Any]
) -> Finding | None:
    """Warn of a duration far from training's, if the rate is as far off the other way.

    Args:
        found, seen: quantities of the set's recordings, and what training saw of them.
    """
    if seen.empty or found.empty:
        return None
    longer, faster = (
        max(float(found[name].median()), SHORTEST_S) / max(seen.loc[name, "median"], SHORTEST_S)
        for name in ("duration_s", "events_per_s")
    )
    if not (longer >= FAR and faster <= 1 / math.sqrt(FAR)) and not (
        longer <= 1 / FAR and faster >= math.sqrt(FAR)
    ):
        return None
    told = UNITS_US[where.get("time_unit") or "us"]
    unit = min(UNITS_US, key=lambda u: abs(math.log(UNITS_US[u] / told * longer)))
    sentence = (
        f"{seconds_words(float(found['duration_s'].median()))} long with "
        f"{count_words(float(found['events_per_s'].median()))} events a second, training's "
        f"{seconds_words(seen.loc['duration_s', 'median'])} with "
        f"{count_words(seen.loc['events_per_s', 'median'])}: is `t` in {unit}?"
    )
    return Finding("time_unit", "warning", sentence, {"time_unit": unit})
