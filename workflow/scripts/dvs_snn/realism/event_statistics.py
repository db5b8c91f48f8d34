"""What a recording looks like in numbers: counts, shares, times and intervals of its events."""

import numpy as np
from scipy import ndimage

from dvs_snn.recordings.recording import EventRecording

SACCADE_BORDERS_MS = (90.0, 220.0)
"""Where the second and the third saccade of N-MNIST begin, from the first event.

The event rate, averaged over the real twins, has three bursts (10-80, 115-185 and 225-300 ms) and
is lowest at 85-90 ms and 220-225 ms. A small burst at 195-210 ms counts as part of the second.
"""

REST_MS = ((85.0, 110.0), (190.0, 222.0))
"""Where N-MNIST's sensor nearly rests after its first and second saccade, from the first event."""

RATE_BIN_MS = 5.0
LONE_BIN_MS = 10.0
"""A lone event has none beside it in this time: noise rather than an edge."""

BURST_WINDOW_MS = 15.0
SHORT_INTERVAL_MS = 10.0


def in_saccades(recording: EventRecording) -> list[np.ndarray]:
    """Return whether each event lies in the first, the second and the third saccade.

    An event on a border is the later saccade's.
    """
    ms = _milliseconds(recording)
    saccade = np.searchsorted(SACCADE_BORDERS_MS, ms, side="right")
    return [saccade == number for number in range(3)]


def statistics_of(recording: EventRecording) -> dict[str, float]:
    """Return statistics of a recording of three saccades, with four significant digits.

    Times count from the first event. A statistic of events that aren't there is nan.

    - `on_share`, `rest_share`, `saccade_*_share`: share of the events that are ON, lie within
      `REST_MS`, or lie in a saccade. `saccade_*_middle_ms`: median time of the latter;
    - `peak_rate_keps`: event rate in the busiest of bins of `RATE_BIN_MS`;
    - `n_pixels`: pixels that sent an event. `events_per_pixel`, `busiest_pixel`: mean and most
      events of one of them. `single_share`: share of them that sent just one;
    - `lone_share`: share of the events with no other one near in time and space (`_lone_share`);
    - `interval_5_ms`, `interval_50_ms`, `interval_95_ms`: percentiles of the intervals between
      consecutive events of a pixel. `interval_on_ms`, `interval_off_ms`: medians of those between
      two ON or two OFF events. `repeat_share`: share of those between events of one polarity;
    - `centre_*`, `spread_*`: mean and standard deviation of the events' positions;
    - `on_ahead_*`: mean position of a saccade's ON events minus that of its OFF events.
    """
    width, height = recording.sensor_size
    ms = _milliseconds(recording)
    x = recording.events["x"].astype(np.int64)
    y = recording.events["y"].astype(np.int64)
    is_on = recording.events["p"]
    saccades = dict(enumerate(in_saccades(recording), 1))
    rests = [(ms >= begin) & (ms < end) for begin, end in REST_MS]
    per_pixel = np.bincount(y * width + x)
    per_pixel = per_pixel[per_pixel > 0]

    earlier, later = recording.pixel_pairs
    interval = ms[later] - ms[earlier]
    is_repeat = is_on[earlier] == is_on[later]
    limits = np.percentile(interval, [5, 50, 95]) if len(interval) else [np.nan] * 3

    values = {
        "n_events": recording.n_events,
        "on_share": recording.on_share,
        "duration_s": recording.duration_s,
        **{f"saccade_{number}_share": part.mean() for number, part in saccades.items()},
        "rest_share": np.logical_or.reduce(rests).mean(),
        **{f"saccade_{number}_middle_ms": _median(ms[part]) for number, part in saccades.items()},
        "peak_rate_keps": np.bincount((ms / RATE_BIN_MS).astype(int)).max() / RATE_BIN_MS,
        "n_pixels": len(per_pixel),
        "events_per_pixel": per_pixel.mean(),
        "busiest_pixel": per_pixel.max(),
        "single_share": (per_pixel == 1).mean(),
        "lone_share": _lone_share(ms, x, y, (height, width)),
        "interval_5_ms": limits[0],
        "interval_50_ms": limits[1],
        "interval_95_ms": limits[2],
        "interval_on_ms": _median(interval[is_repeat & is_on[later]]),
        "interval_off_ms": _median(interval[is_repeat & ~is_on[later]]),
        "repeat_share": _mean(is_repeat),
        "centre_x_px": x.mean(),
        "centre_y_px": y.mean(),
        "spread_x_px": x.std(),
        "spread_y_px": y.std(),
    }
    for number, part in saccades.items():
        for axis, place in (("x", x), ("y", y)):
            ahead = _mean(place[part & is_on]) - _mean(place[part & ~is_on])
            values[f"on_ahead_{axis}_{number}_px"] = ahead
    return _rounded(values)


def bursts_of(recording: EventRecording) -> dict[str, float]:
    """Return how often one pixel sends several events in short time.

    Windows of `BURST_WINDOW_MS` follow each other from the first event on, a partial last one left
    out. `window_events` and `window_pixels` are mean events of a window and pixels that sent them,
    `burst_share` the share of these pixels that sent two or more, a mean over windows. An interval
    lies between consecutive events of a pixel that have one polarity: `interval_ms` is the median,
    `short_interval_share` the share below `SHORT_INTERVAL_MS`. Nan where nothing is there to count.
    """
    events = recording.events
    width, height = recording.sensor_size
    ms = _milliseconds(recording)
    pixel = events["y"].astype(np.int64) * width + events["x"]
    window = (ms / BURST_WINDOW_MS).astype(np.int64)
    n_windows = int(ms[-1] / BURST_WINDOW_MS)

    # A pixel is active in a window if it sent an event there, and bursting if it sent two or more.
    active, n_sent = np.unique(window * (width * height) + pixel, return_counts=True)
    window_of_active = active // (width * height)
    n_active = np.bincount(window_of_active, minlength=n_windows)[:n_windows]
    n_bursting = np.bincount(window_of_active[n_sent >= 2], minlength=n_windows)[:n_windows]
    n_events = np.bincount(window, minlength=n_windows)[:n_windows]
    is_active = n_active > 0

    earlier, later = recording.pixel_pairs
    is_repeat = events["p"][earlier] == events["p"][later]
    interval = (ms[later] - ms[earlier])[is_repeat]
    values = {
        "window_events": _mean(n_events[is_active]),
        "window_pixels": _mean(n_active[is_active]),
        "burst_share": _mean(n_bursting[is_active] / n_active[is_active]),
        "interval_ms": _median(interval),
        "short_interval_share": _mean(interval < SHORT_INTERVAL_MS),
    }
    return _rounded(values)


def _milliseconds(recording: EventRecording) -> np.ndarray:
    """Return the time of each event since the first, float64 (event,)."""
    times = recording.events["t"]
    return (times - times[0]) / 1000


def _lone_share(ms: np.ndarray, x: np.ndarray, y: np.ndarray, shape: tuple[int, int]) -> float:
    """Return the share of events alone in their own and the adjacent time bins and pixels."""
    time_bin = (ms / LONE_BIN_MS).astype(np.int64)
    counts = np.zeros((time_bin.max() + 1, *shape), dtype=np.int32)
    np.add.at(counts, (time_bin, y, x), 1)
    # One axis after the other, which is three times as fast as a cube at once.
    for axis in range(3):
        counts = ndimage.convolve1d(counts, np.ones(3, dtype=np.int32), axis, mode="constant")
    return float((counts[time_bin, y, x] == 1).mean())


def _rounded(values: dict[str, float]) -> dict[str, float]:
    """Round to four significant digits, as shipped values are: finer ones would tell them apart."""
    return {name: float(f"{value:.4g}") for name, value in values.items()}


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else np.nan
