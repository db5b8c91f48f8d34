"""What a recording looks like in numbers: counts, shares, times and intervals of its events."""

import numpy as np
from scipy import ndimage

from dvs_snn.probes.twins import SACCADE_BORDERS_MS
from dvs_snn.recordings.recording import EventRecording

REST_MS = ((85.0, 110.0), (190.0, 222.0))
"""Where N-MNIST's sensor nearly rests after its first and second saccade, from the first event."""

RATE_BIN_MS = 5.0
LONE_BIN_MS = 10.0
"""A lone event has none beside it in this time: noise rather than an edge."""

STATISTICS = (
    *("n_events", "on_share", "duration_s"),
    *(f"saccade_{i}_share" for i in (1, 2, 3)),
    "rest_share",
    *(f"saccade_{i}_middle_ms" for i in (1, 2, 3)),
    *("peak_rate_keps", "n_pixels", "events_per_pixel", "busiest_pixel", "single_share"),
    *("lone_share", "interval_5_ms", "interval_50_ms", "interval_95_ms", "interval_on_ms"),
    *("interval_off_ms", "repeat_share", "centre_x_px", "centre_y_px", "spread_x_px"),
    "spread_y_px",
    *(f"on_ahead_{axis}_{i}_px" for i in (1, 2, 3) for axis in "xy"),
)
"""Names of the statistics, their units at the end; `statistics_of` says what each is."""


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
    rests = [(ms >= begin) & (ms < end) for begin, end in REST_MS]
    values = {
        "n_events": recording.n_events,
        "on_share": recording.on_share,
        "duration_s": recording.duration_s,
        "rest_share": np.logical_or.reduce(rests).mean(),
        "peak_rate_keps": np.bincount((ms / RATE_BIN_MS).astype(int)).max() / RATE_BIN_MS,
        "n_pixels": len(per_pixel),  # those that sent an event
        "events_per_pixel": per_pixel.mean(),
        "busiest_pixel": per_pixel.max(),
        "single_share": (per_pixel == 1).mean(),
        "lone_share": _lone_share(ms, x, y, (height, width)),
        "centre_x_px": x.mean(),
        "centre_y_px": y.mean(),
        "spread_x_px": x.std(),
        "spread_y_px": y.std(),
    }
    saccade = np.searchsorted(SACCADE_BORDERS_MS, ms, side="right") + 1
    for i in (1, 2, 3):
        of_saccade = saccade == i
        values[f"saccade_{i}_share"] = of_saccade.mean()
        values[f"saccade_{i}_middle_ms"] = _median(ms[of_saccade])
        for axis, place in (("x", x), ("y", y)):
            ahead = _mean(place[of_saccade & (on == 1)]) - _mean(place[of_saccade & (on == 0)])
            values[f"on_ahead_{axis}_{i}_px"] = ahead
    values |= _intervals(ms, pixel, on)
    # The real recordings' are shipped so: a finer value would give a simulated one away.
    return {name: float(f"{values[name]:.4g}") for name in STATISTICS}


BURSTS = ("window_events", "window_pixels", "burst_share", "interval_ms", "short_interval_share")
"""Names of the statistics of `bursts_of`."""

BURST_WINDOW_MS = 15.0
SHORT_INTERVAL_MS = 10.0


def bursts_of(recording: EventRecording) -> dict[str, float]:
    """Return how often one pixel sends several events in short time, the statistics `BURSTS`.

    Windows of `BURST_WINDOW_MS` follow each other from the first event on, a partial last one left
    out. `window_events` and `window_pixels` are mean events of a window and pixels that sent them,
    `burst_share` the share of these pixels that sent two or more, a mean over windows. An interval
    lies between consecutive events of a pixel that have one polarity: `interval_ms` is the median,
    `short_interval_share` the share below `SHORT_INTERVAL_MS`. Nan where nothing is there to count.
    """
    events = recording.events
    ms = (events["t"] - events["t"][0]) / 1000
    pixel = events["y"].astype(np.int64) * recording.sensor_size[0] + events["x"]
    n_pixels = recording.sensor_size[0] * recording.sensor_size[1]
    window = (ms / BURST_WINDOW_MS).astype(np.int64)
    n_windows = int(ms[-1] / BURST_WINDOW_MS)
    pairs, events_of_pair = np.unique(window * n_pixels + pixel, return_counts=True)
    window_of_pair = pairs // n_pixels
    n_active = np.bincount(window_of_pair, minlength=n_windows)[:n_windows]
    n_bursting = np.bincount(window_of_pair[events_of_pair >= 2], minlength=n_windows)[:n_windows]
    is_active = n_active > 0
    n_events = np.bincount(window, minlength=n_windows)[:n_windows]
    interval, before, after = _pixel_intervals(ms, pixel, events["p"])
    repeats = interval[before == after]
    values = (
        _mean(n_events[is_active]),
        _mean(n_active[is_active]),
        _mean(n_bursting[is_active] / n_active[is_active]),
        _median(repeats),
        _mean(repeats < SHORT_INTERVAL_MS),
    )
    return {name: float(f"{value:.4g}") for name, value in zip(BURSTS, values, strict=True)}


def _pixel_intervals(
    ms: np.ndarray, pixel: np.ndarray, on: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times between an event and the one before at its pixel, and both polarities."""
    order = np.lexsort((ms, pixel))
    same_pixel = np.diff(pixel[order]) == 0
    return np.diff(ms[order])[same_pixel], on[order][:-1][same_pixel], on[order][1:][same_pixel]


def _intervals(ms: np.ndarray, pixel: np.ndarray, on: np.ndarray) -> dict[str, float]:
    """Return the statistics of the times between an event and the one before at its pixel."""
    interval, before, after = _pixel_intervals(ms, pixel, on)
    repeats = before == after
    percents = 5, 50, 95
    limits = np.percentile(interval, percents) if len(interval) else [np.nan] * 3
    return {
        **{f"interval_{n}_ms": limit for n, limit in zip(percents, limits, strict=True)},
        "interval_on_ms": _median(interval[repeats & (after == 1)]),
        "interval_off_ms": _median(interval[repeats & (after == 0)]),
        "repeat_share": _mean(repeats),
    }


def _lone_share(ms: np.ndarray, x: np.ndarray, y: np.ndarray, shape: tuple[int, int]) -> float:
    """Return the share of events alone in their own and the adjacent time bins and pixels."""
    time_bin = (ms / LONE_BIN_MS).astype(np.int64)
    counts = np.zeros((time_bin.max() + 1, *shape), dtype=np.int32)
    np.add.at(counts, (time_bin, y, x), 1)
    # One axis after the other, which is three times as fast as a cube at once.
    for axis in range(3):
        counts = ndimage.convolve1d(counts, np.ones(3, dtype=np.int32), axis, mode="constant")
    return float((counts[time_bin, y, x] == 1).mean())


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else np.nan
