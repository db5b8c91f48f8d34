"""What a recording looks like in numbers: counts, shares, times and intervals of its events."""

import numpy as np
from scipy import ndimage

from dvs_snn.probes.twins import SACCADE_BORDERS_MS, twin_record
from dvs_snn.recordings.recording import EventRecording

REST_MS = ((85.0, 110.0), (190.0, 222.0))
"""Where N-MNIST's sensor nearly rests after its first and second saccade, from the first event."""

RATE_BIN_MS = 5.0

LONE_BIN_MS = 10.0
"""A lone event has none beside it in this time: noise rather than an edge."""

STATISTICS = {
    "n_events": ("events", "events"),
    "on_share": ("share", "ON events among all"),
    "duration_s": ("s", "time from the first event to the last"),
    **{f"saccade_{i}_share": ("share", f"events in saccade {i}") for i in (1, 2, 3)},
    "rest_share": ("share", "events in the rests between saccades"),
    **{f"saccade_{i}_middle_ms": ("ms", f"median time of saccade {i}'s events") for i in (1, 2, 3)},
    "peak_rate_keps": ("kevents/s", "highest rate of 5 ms"),
    "n_pixels": ("pixels", "pixels that sent an event"),
    "events_per_pixel": ("events", "events of such a pixel, mean"),
    "busiest_pixel": ("events", "events of the busiest pixel"),
    "single_share": ("share", "pixels of one event among those that sent any"),
    "lone_share": ("share", "events without another beside them within about 10 ms"),
    "interval_5_ms": ("ms", "5th percentile of a pixel's intervals between events"),
    "interval_50_ms": ("ms", "median of a pixel's intervals"),
    "interval_95_ms": ("ms", "95th percentile of a pixel's intervals"),
    "interval_on_ms": ("ms", "median interval of two ON events of a pixel"),
    "interval_off_ms": ("ms", "median interval of two OFF events of a pixel"),
    "repeat_share": ("share", "events with the polarity of the pixel's event before"),
    "centre_x_px": ("pixels", "mean column of the events"),
    "centre_y_px": ("pixels", "mean row of the events"),
    "spread_x_px": ("pixels", "standard deviation of the column"),
    "spread_y_px": ("pixels", "standard deviation of the row"),
    **{
        f"on_ahead_{axis}_{i}_px": (
            "pixels", f"mean {place} of ON events minus that of OFF events, saccade {i}",
        )
        for i in (1, 2, 3)
        for axis, place in (("x", "column"), ("y", "row"))
    },
}  # fmt: skip
"""Statistic -> (unit, meaning)."""


def statistics_of(recording: EventRecording) -> dict[str, float]:
    """Return the `STATISTICS` of a recording of three saccades; nan where one has no event to take.

    Times count from the first event. Values have four significant digits.
    """
    events = recording.events
    width, height = recording.sensor_size
    ms = (events["t"] - events["t"][0]) / 1000
    x, y, on = (events[name].astype(np.int64) for name in ("x", "y", "p"))
    pixel = y * width + x
    per_pixel = np.bincount(pixel, minlength=width * height)
    per_pixel = per_pixel[per_pixel > 0]
    saccade = np.searchsorted(SACCADE_BORDERS_MS, ms, side="right")
    record = twin_record("", recording)
    found = {name: float(record[name]) for name in ("n_events", "on_share", "duration_s")}
    for i in (1, 2, 3):
        of_saccade = saccade == i - 1
        found[f"saccade_{i}_share"] = float(of_saccade.mean())
        found[f"saccade_{i}_middle_ms"] = _median(ms[of_saccade])
        for axis, place in (("x", x), ("y", y)):
            ahead = _mean(place[of_saccade & (on == 1)]) - _mean(place[of_saccade & (on == 0)])
            found[f"on_ahead_{axis}_{i}_px"] = ahead
    rests = [(ms >= begin) & (ms < end) for begin, end in REST_MS]
    found |= {
        "rest_share": float(np.logical_or.reduce(rests).mean()),
        "peak_rate_keps": float(np.bincount((ms / RATE_BIN_MS).astype(int)).max() / RATE_BIN_MS),
        "n_pixels": float(len(per_pixel)),
        "events_per_pixel": float(per_pixel.mean()),
        "busiest_pixel": float(per_pixel.max()),
        "single_share": float((per_pixel == 1).mean()),
        "lone_share": _lone_share(ms, x, y, (height, width)),
        "centre_x_px": float(x.mean()),
        "centre_y_px": float(y.mean()),
        "spread_x_px": float(x.std()),
        "spread_y_px": float(y.std()),
    }
    found |= _intervals(ms, pixel, on)
    # The real recordings' are shipped so: a finer value would give a simulated one away.
    return {name: float(f"{found[name]:.4g}") for name in STATISTICS}


def _intervals(ms: np.ndarray, pixel: np.ndarray, on: np.ndarray) -> dict[str, float]:
    """Return the statistics of the times between an event and the one before at its pixel."""
    order = np.lexsort((ms, pixel))
    same_pixel = np.diff(pixel[order]) == 0
    interval = np.diff(ms[order])[same_pixel]
    before, after = on[order][:-1][same_pixel], on[order][1:][same_pixel]
    repeats = before == after
    found = {
        f"interval_{percent}_ms": float(np.percentile(interval, percent)) if len(interval)
        else np.nan
        for percent in (5, 50, 95)
    }  # fmt: skip
    return found | {
        "interval_on_ms": _median(interval[repeats & (after == 1)]),
        "interval_off_ms": _median(interval[repeats & (after == 0)]),
        "repeat_share": _mean(repeats),
    }


def _lone_share(ms: np.ndarray, x: np.ndarray, y: np.ndarray, shape: tuple[int, int]) -> float:
    """Return the share of events alone in their own and the adjacent time bins and pixels."""
    time_bin = (ms / LONE_BIN_MS).astype(np.int64)
    counts = np.zeros((time_bin.max() + 1, *shape), dtype=np.int64)
    np.add.at(counts, (time_bin, y, x), 1)
    beside = ndimage.convolve(counts, np.ones((3, 3, 3), dtype=np.int64), mode="constant")
    return float((beside[time_bin, y, x] == 1).mean())


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else np.nan
