"""Whether a sensor can have sent recordings, in their unit, and whether they lie on the network.

A set whose numbers would be wrong is refused in the job that reads it first.
"""

import math
from collections.abc import Sequence

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.folders.split_table import facts_of
from dvs_snn.recordings.placement import NETWORK_SIZE, Placement, place
from dvs_snn.recordings.plausibility.finding import (
    Finding,
    Verdict,
    count_words,
    seconds_words,
    size_words,
)
from dvs_snn.recordings.recording import UNITS_PER_SECOND, EventRecording

MIN_PIXEL_RATE = 0.1
MAX_PIXEL_RATE = 1000.0
"""Events a second of each pixel that sent any. The leak alone makes 0.1 (v2e, Hu et al. 2021), real
digits 7 to 40; a fast readout takes 1,157 of each (Finateu et al. 2020, ISSCC)."""

FEWEST_EVENTS = 100
"""Recordings with fewer tell nothing of their unit."""

SHORTEST_S = 1e-6
"""Recordings whose events have all one time count as a microsecond long."""

LONG_S = 60.0
"""Recordings of digits are shorter."""

MOST_OUTSIDE = 0.5
MUCH_OUTSIDE = 0.1
"""Shares of events outside above which a set is refused, and warned of."""


def refuse(name: str, rows: pd.DataFrame, time_unit: str | None) -> None:
    """End the job of a set that no sensor can have sent, or that the network hardly sees."""
    findings = [unit_by_sensor(rows, time_unit), outside(rows)]
    refused = [str(each) for each in findings if each and each.verdict == "refused"]
    if refused:
        raise StudyError(f"{name}: {'; '.join(refused)}.")


def refuse_shown(
    name: str, recording: EventRecording, placement: Placement | None, time_unit: str | None
) -> None:
    """End the job of a recording A, B, C for the same faults, by a StudyError."""
    if placement is None:  # one of the tutorial's own videos
        return
    row = {"recording": name, **facts_of(recording, place(recording, placement))}
    refuse(f"recording {name}", pd.DataFrame([row]), time_unit)


def unit_by_sensor(rows: pd.DataFrame, time_unit: str | None = None) -> Finding | None:
    """Refuse recordings that are too fast or too slow for any sensor.

    If some are too fast and others too slow, the finding is on the fast ones.

    Args:
        time_unit: in which the times of `rows`, of a split table, were read; None: us.
    """
    seconds_each = rows["duration_s"].clip(lower=SHORTEST_S)
    rate = rows["n_events"] / rows["n_pixels"] / seconds_each
    is_judged = rows["n_events"] >= FEWEST_EVENTS
    fast = is_judged & (rate > MAX_PIXEL_RATE)
    slow = is_judged & (rate < MIN_PIXEL_RATE) & (seconds_each > LONG_S)
    odd = rows[fast if fast.any() else slow]
    if odd.empty:
        return None
    typical = float(rate[odd.index].median())
    seconds = float(seconds_each[odd.index].median())
    unit = fitting_unit(typical, seconds, time_unit or "us")
    limit = "more than any sensor sends" if typical > 1 else "less than a sensor's own noise"
    events = count_words(float(odd["n_events"].median()) / seconds)
    sentence = (
        f"{odd['recording'].iloc[0]} ({len(odd)} of {len(rows)} recordings): "
        f"{seconds_words(seconds)} long with {events} events a second, {limit}: "
    )
    if unit is None:
        sentence += "filter noise out of the files, or write `t` in us, and check again"
        return Finding("refused", sentence)
    sentence += f"is `t` in {unit}?"
    if 2 * len(odd) <= len(rows):
        return Finding("refused", f"{sentence} write it as in the other files")
    return Finding("refused", sentence, {"time_unit": unit})


def fitting_unit(rate: float, seconds: float, read_in: str) -> str | None:
    """Return the unit of time that makes a pixel's event rate plausible; None if no other does.

    If several do, the rate nearest to the geometric middle of the limits decides.

    Args:
        rate: events of a pixel a second, if times are in the unit `read_in`.
        seconds: the recording's duration in that unit.
    """
    middle = math.sqrt(MIN_PIXEL_RATE * MAX_PIXEL_RATE)
    rates = {}
    for unit, per_second in UNITS_PER_SECOND.items():
        factor = per_second / UNITS_PER_SECOND[read_in]
        is_possible = MIN_PIXEL_RATE <= rate * factor <= MAX_PIXEL_RATE
        # A recording of mere noise has an implausible rate too. Another unit would make its rate
        # plausible, but the recording too long.
        if unit != read_in and is_possible and seconds / factor <= LONG_S:
            rates[unit] = rate * factor
    return min(rates, key=lambda unit: abs(math.log(rates[unit] / middle)), default=None)


def fitting_zoom(sensor_size: Sequence[int]) -> float:
    """Return the zoom at which the whole sensor lies on the network, rounded down."""
    return max(math.floor(100 * NETWORK_SIZE / max(sensor_size)) / 100, 0.01)


def sensor_size_of(rows: pd.DataFrame) -> list[int]:
    """Return (width, height) of a set's sensor, from rows of its split table."""
    return [int(rows[side].iloc[0]) for side in ("sensor_width", "sensor_height")]


def outside(rows: pd.DataFrame) -> Finding | None:
    """Tell if many events fall outside the network; refuse if most do."""
    share = rows["n_outside"].sum() / rows["n_events"].sum()
    if share <= MUCH_OUTSIDE:
        return None
    size = sensor_size_of(rows)
    sentence = (
        f"{100 * share:.0f} % of the events of the {size_words(size)} sensor fall outside the "
        f"network's {NETWORK_SIZE}x{NETWORK_SIZE} pixels"
    )
    verdict: Verdict = "refused" if share > MOST_OUTSIDE else "warning"
    return Finding(verdict, sentence, {"zoom": fitting_zoom(size)})


def unstated_size(rows: pd.DataFrame) -> Finding | None:
    """Tell of a sensor size that no file states: then it is that of the outermost events."""
    n_unstated = int((rows["size_told"] == 0).sum())
    if not n_unstated:
        return None
    size = sensor_size_of(rows)
    sentence = (
        f"{n_unstated} of {len(rows)} recordings state no sensor size or a smaller one; the "
        f"study reads all as of {size_words(size)} pixels, the largest"
    )
    return Finding("warning", sentence, {"sensor_size": size})
