"""The sensor of an event camera: from a moving image to events.

The pixel of a dynamic vision sensor as published (Lichtsteiner, Posch, Delbruck 2008, IEEE J.
Solid-State Circuits 43(2); Hu, Liu, Delbruck 2021, "v2e: From Video Frames to Realistic DVS
Events", CVPR Workshops), written anew. In the order of the light's way:

1. luminance L, as a share of the display's white, times the backlight's factor at that moment;
2. log intensity, linear below a knee: ln L for L >= L_k, ln L_k + L / L_k - 1 below;
3. a low-pass of first order whose cutoff grows with L: f(L) = f_white (L + 20/255) / (1 + 20/255);
4. leak: the stored level sinks by `leak_hz` ON thresholds a second;
5. an event where the difference to the stored level reaches a pixel's own ON or OFF threshold;
   the level is stored anew, after the refractory period;
6. shot noise, its rate falling to a quarter at white, and hot pixels, as Poisson events;
7. the bus: optionally one event at a time.

Between two steps the filtered intensity is a straight line, and an event's time is where this line
crosses the threshold: events don't bunch at steps. What is left out: latency jitter, photon noise
before the low-pass, crosstalk between pixels, a bus that serves rows, lens distortion, temperature.
"""

import math
from dataclasses import dataclass

import numba
import numpy as np

from dvs_snn.events.recording import EVENT_DTYPE, EventRecording
from dvs_snn.files.errors import StudyError
from dvs_snn.files.kernel_cache import use_kernel_cache
from dvs_snn.settings.simulation import DARK_SHARE, PixelModel

use_kernel_cache()

"""Luminance that is added in the low-pass's cutoff, so that a black pixel is slow, not dead."""

NOISE_AT_WHITE = 0.25
"""Shot noise at the display's white, as a share of that in the dark."""

LANES = 4
"""Pixels of a row that are filtered side by side, as `_low_pass` is written out."""

_QUIET_STEPS = 16
_SMALLEST_THRESHOLD = 0.01
_TABLE_CELLS = 4096


@dataclass(frozen=True, eq=False)
class Sensor:
    """One sensor of a model: its size and what differs from pixel to pixel.

    Attributes:
        model: the parameters.
        sensor_size: (width, height) in pixels.
        on, off: float64 (height, width), the thresholds of every pixel.
        hot: int64 (n_hot,), the flat indices of the hot pixels.
    """

    model: PixelModel
    sensor_size: tuple[int, int]
    on: np.ndarray
    off: np.ndarray
    hot: np.ndarray


def make_sensor(
    model: PixelModel, sensor_size: tuple[int, int], rng: np.random.Generator
) -> Sensor:
    """Draw a sensor: normally distributed thresholds, not below 0.01, and hot pixels."""
    width, height = sensor_size

    def thresholds(mean: float) -> np.ndarray:
        drawn = mean * (1 + model.mismatch * rng.standard_normal((height, width)))
        return np.maximum(drawn, min(_SMALLEST_THRESHOLD, mean))

    on, off = thresholds(model.threshold_on), thresholds(model.threshold_off)
    hot = np.flatnonzero(rng.random(height * width) < model.hot_share)
    return Sensor(model, sensor_size, on, off, hot)


@dataclass(frozen=True, eq=False)
class MovingImage:
    """What the sensor sees: ink that moves over a plain background, sampled at equal steps.

    Attributes:
        ink: float64 (row, column), 0 the background to 1 the full stroke; zero at its border.
        to_image: float64 (step, 6): sensor pixel (x, y) shows the image at column
            a x + b y + c and row d x + e y + f of (a, b, c, d, e, f).
        brightness: float64 (step,), the backlight's factor on every luminance.
        background, stroke: luminance where ink is 0 and where it is 1, as a share of white.
        step_us: length of a step in microseconds.
        n_warm: steps before the recording begins; the sensor sees them, their events are dropped.
    """

    ink: np.ndarray
    to_image: np.ndarray
    brightness: np.ndarray
    background: float
    stroke: float
    step_us: float
    n_warm: int = 0


def log_intensity(luminance: np.ndarray, knee: float) -> np.ndarray:
    """Return the logarithm of luminance, continued as its tangent below the knee.

    v2e maps low intensities linearly for the same reason: ln 0 has no value. The tangent has no
    kink where the two meet.
    """
    low = math.log(knee) + luminance / knee - 1
    return np.where(luminance < knee, low, np.log(np.maximum(luminance, knee)))


def low_pass_share(luminance: np.ndarray, cutoff_hz: float, step_us: float) -> np.ndarray:
    """Return how far the low-pass goes towards its input within a step, 0 to 1.

    1 - exp(-step / tau) with tau = 1 / (2 pi f(L)): exact for an input that is constant in a step.
    """
    if not cutoff_hz:
        return np.ones_like(luminance)
    cutoff = cutoff_hz * (luminance + DARK_SHARE) / (1 + DARK_SHARE)
    return -np.expm1(-2 * math.pi * cutoff * step_us * 1e-6)


def _response_table(scene: MovingImage, model: PixelModel) -> tuple[np.ndarray, float]:
    """Tabulate log intensity and low-pass share over luminance, and how many cells a unit has.

    float64 (cell, 4): the intensity, its rise to the next cell, the share, its rise. Linear
    interpolation in 4096 cells is within 1e-5 of the logarithm from the knee of 20/255 up: four
    orders below a threshold.
    """
    top = max(scene.background, scene.stroke) * float(scene.brightness.max())
    # Of next to no light, cells would be infinitely many a unit, and their numbers none.
    top = max(top, _TABLE_CELLS * float(np.finfo(np.float64).tiny))
    luminance = np.linspace(0, top, _TABLE_CELLS + 1)
    table = np.zeros((_TABLE_CELLS + 1, 4))
    table[:, 0] = log_intensity(luminance, model.knee)
    table[:, 2] = low_pass_share(luminance, model.cutoff_hz, scene.step_us)
    # The last cell, which only the brightest luminance itself reaches, stays flat.
    table[:-1, 1::2] = np.diff(table[:, ::2], axis=0)
    return table, _TABLE_CELLS / top


def _noise(
    sensor: Sensor, n_steps: int, step_us: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw noise candidates: first index of each pixel, times in us, polarities, thinning draws.

    Shot noise is drawn at its rate in the dark; where it is brighter some are thrown away
    (thinning, Lewis and Shedler 1979). A hot pixel's events are all kept: their draw is below 0.
    """
    model = sensor.model
    width, height = sensor.sensor_size
    n_pixels = width * height
    seconds = n_steps * step_us * 1e-6
    n_shot = rng.poisson(model.shot_noise_hz * n_pixels * seconds)
    n_hot = rng.poisson(model.hot_hz * seconds, size=len(sensor.hot))
    n = n_shot + int(n_hot.sum())
    pixel = np.concatenate([rng.integers(0, n_pixels, n_shot), np.repeat(sensor.hot, n_hot)])
    time = rng.random(n) * (n_steps * step_us)
    polarity = np.concatenate([rng.random(n_shot) < 0.5, np.ones(n - n_shot, dtype=bool)])
    draw = np.concatenate([rng.random(n_shot), np.full(n - n_shot, -1.0)])
    order = np.lexsort((time, pixel))
    first = np.searchsorted(pixel[order], np.arange(n_pixels + 1))
    return first, time[order], polarity[order], draw[order]


@numba.njit(nogil=True, cache=True)
def _ink_before(ink):
    """Count cells with ink above and left of each corner: int64 (row + 1, column + 1)."""
    height, width = ink.shape
    counted = np.zeros((height + 1, width + 1), np.int64)
    for i in range(height):
        along = 0
        for j in range(width):
            along += ink[i, j] > 0.0
            counted[i + 1, j + 1] = counted[i, j + 1] + along
    return counted


@numba.njit(nogil=True, cache=True)
def _sees_ink(counted, lowest, highest, x, y):
    """Tell whether a box around all cells that a pixel's path may cross holds any ink.

    `lowest` and `highest` (6,) are those of the path's map. Rounding never turns an order around,
    so that the box holds every cell that `_walk_pixels` computes in the same order of operations.
    """
    height, width = counted.shape[0] - 1, counted.shape[1] - 1
    left = lowest[0] * x + lowest[1] * y + lowest[2]
    right = highest[0] * x + highest[1] * y + highest[2]
    top = lowest[3] * x + lowest[4] * y + lowest[5]
    bottom = highest[3] * x + highest[4] * y + highest[5]
    j0, j1 = max(int(left), 0), min(int(right) + 2, width)
    i0, i1 = max(int(top), 0), min(int(bottom) + 2, height)
    if j0 >= j1 or i0 >= i1:
        return False
    return counted[i1, j1] - counted[i0, j1] - counted[i1, j0] + counted[i0, j0] > 0


@numba.njit(nogil=True, cache=True)
def _sample(ink, columns, rows, cell, seen):
    """Read ink along a path, bilinear; its border is zero, so that clamping reads zero outside.

    `columns` and `rows` are left as the shares of the way to the next cell; `cell` is working
    space. What doesn't depend on memory's answers comes first, in vectors.
    """
    height, width = np.int32(ink.shape[0]), np.int32(ink.shape[1])
    for k in range(len(seen)):
        column = min(max(columns[k], 0.0), width - 1.000001)
        row = min(max(rows[k], 0.0), height - 1.000001)
        i, j = np.int32(row), np.int32(column)
        rows[k], columns[k] = row - i, column - j
        cell[k] = i * width + j
    flat = ink.ravel()
    for k in range(len(seen)):
        # Of an index that may be negative, numba would have to ask each time.
        here = np.uint64(cell[k])
        next_column, below = here + np.uint64(1), here + np.uint64(width)
        u = columns[k]
        upper = flat[here] + u * (flat[next_column] - flat[here])
        lower = flat[below] + u * (flat[below + np.uint64(1)] - flat[below])
        seen[k] = upper + rows[k] * (lower - upper)


@numba.njit(nogil=True, cache=True)
def _look_up(luminance, table, cells_per_unit, intensity, share):
    """Turn luminance into log intensity and the low-pass's share of a step, by the table."""
    for k in range(len(luminance)):
        place = luminance[k] * cells_per_unit
        whole = np.int32(place)
        rest = place - whole
        cell = np.uint64(whole)
        intensity[k] = table[cell, 0] + rest * table[cell, 1]
        share[k] = table[cell, 2] + rest * table[cell, 3]


@numba.njit(nogil=True, cache=True)
def _low_pass(trace, share):
    """Filter the log intensities of `LANES` pixels in place, float64 (pixel, step).

    A step waits for the one before it: four pixels side by side wait only once.
    """
    filtered0, filtered1, filtered2, filtered3 = trace[0, 0], trace[1, 0], trace[2, 0], trace[3, 0]
    for k in range(1, trace.shape[1]):
        filtered0 += (trace[0, k] - filtered0) * share[0, k]
        filtered1 += (trace[1, k] - filtered1) * share[1, k]
        filtered2 += (trace[2, k] - filtered2) * share[2, k]
        filtered3 += (trace[3, k] - filtered3) * share[3, k]
        trace[0, k] = filtered0
        trace[1, k] = filtered1
        trace[2, k] = filtered2
        trace[3, k] = filtered3


@numba.njit(nogil=True, cache=True)
def _is_quiet(trace, times, leak, lowest, highest):
    """Tell whether a signal stays between two levels at all steps."""
    n_beyond = 0
    for k in range(len(trace)):
        after = trace[k] + leak * times[k]
        n_beyond += not (lowest <= after <= highest)
    return n_beyond == 0


@numba.njit(nogil=True, cache=True)
def _fire(
    trace, luminance, times, step_us, begin, start, theta_on, theta_off, leak, refractory_us,
    noise_time, noise_polarity, noise_draw, noise_loss, out_time, out_polarity,
):  # fmt: skip
    """Find one pixel's events; return how many there are, were there room for all.

    `begin` is when events begin to count, `leak` ln units a microsecond; noise is in order of time.
    """
    room = len(out_time)
    n_out = 0
    n_noise = len(noise_time)
    next_noise = 0
    noise_at = noise_time[0] if n_noise else np.inf
    # The leak is added to the signal, so that the stored level stands still.
    before = trace[0]
    level = before - start
    held = False
    ready = 0.0
    time0 = 0.0
    for first in range(1, len(trace), _QUIET_STEPS):
        last = min(first + _QUIET_STEPS, len(trace)) - 1
        if not held and times[last] < noise_at:
            # Most pixels do nothing most of the time: many steps are passed over at once.
            steps = slice(first, last + 1)
            if _is_quiet(trace[steps], times[steps], leak, level - theta_off, level + theta_on):
                before, time0 = trace[last] + leak * times[last], times[last]
                continue
        for k in range(first, last + 1):
            time1 = times[k]
            after = trace[k] + leak * time1
            quiet = after <= level + theta_on and after >= level - theta_off
            if quiet and not held and time1 < noise_at:
                before, time0 = after, time1
                continue
            slope = (after - before) / step_us
            time = time0
            while True:
                # Up to the next noise event, or to the end of the step.
                noisy = noise_at <= time1
                stop = noise_at if noisy else time1
                if held and ready <= stop:
                    time = max(ready, time)
                    level = before + slope * (time - time0)
                    held = False
                while not held:
                    now = before + slope * (time - time0)
                    if slope > 0.0:
                        crossing = time + max(level + theta_on - now, 0.0) / slope
                    elif slope < 0.0:
                        crossing = time + min(level - theta_off - now, 0.0) / slope
                    else:
                        break
                    if crossing > stop:
                        break
                    if crossing >= begin:
                        if n_out < room:
                            out_time[n_out] = int(crossing - begin)
                            out_polarity[n_out] = slope > 0.0
                        n_out += 1
                    time = crossing
                    level += theta_on if slope > 0.0 else -theta_off
                    if refractory_us > 0.0:
                        ready = crossing + refractory_us
                        held = ready > stop
                        if not held:
                            time = ready
                            level = before + slope * (time - time0)
                if not noisy:
                    break
                time = stop
                kept = noise_draw[next_noise] < 1.0 - noise_loss * min(luminance[k], 1.0)
                if kept and not held:
                    if time >= begin:
                        if n_out < room:
                            out_time[n_out] = int(time - begin)
                            out_polarity[n_out] = noise_polarity[next_noise]
                        n_out += 1
                    level = before + slope * (time - time0)
                    if refractory_us > 0.0:
                        ready = time + refractory_us
                        held = True
                next_noise += 1
                noise_at = noise_time[next_noise] if next_noise < n_noise else np.inf
            before, time0 = after, time1
    return n_out


@numba.njit(nogil=True, cache=True)
def _walk_pixels(
    ink, map_a, map_b, map_c, map_d, map_e, map_f, brightness, background, contrast, step_us,
    n_warm, table, cells_per_unit, on, off, start_share, leak_hz,
    refractory_us, noise_first, noise_time, noise_polarity, noise_draw, noise_loss,
):  # fmt: skip
    """Walk every pixel through all steps; return times in us, flat pixels and polarities.

    Pixel by pixel rather than step by step: what belongs to a pixel stays in the nearest cache.
    """
    n = len(brightness)
    height, width = on.shape
    begin = n_warm * step_us
    times = np.arange(n) * step_us
    columns, rows, cell = np.empty(n), np.empty(n), np.empty(n, np.int32)
    seen, trace, share = np.zeros((LANES, n)), np.zeros((LANES, n)), np.zeros((LANES, n))
    inside = np.zeros(LANES, np.bool_)
    # All pixels that see nothing but the background share one filtered intensity.
    plain_luminance = background * brightness
    _look_up(plain_luminance, table, cells_per_unit, trace[0], share[0])
    _low_pass(trace, share)
    plain = trace[0].copy()
    plain_low, plain_high = plain.min(), plain.max()
    counted = _ink_before(ink)
    lowest, highest = np.empty(6), np.empty(6)
    for i, along in enumerate((map_a, map_b, map_c, map_d, map_e, map_f)):
        lowest[i], highest[i] = along.min(), along.max()

    capacity = 4096
    out_time = np.empty(capacity, np.int64)
    out_pixel = np.empty(capacity, np.int64)
    out_polarity = np.empty(capacity, np.bool_)
    n_out = 0
    for pixel in range(height * width):
        y, x = pixel // width, pixel % width
        lane = x % LANES
        if lane == 0:
            for i in range(min(LANES, width - x)):
                inside[i] = _sees_ink(counted, lowest, highest, x + i, y)
                if inside[i]:
                    for k in range(n):
                        columns[k] = map_a[k] * (x + i) + map_b[k] * y + map_c[k]
                        rows[k] = map_d[k] * (x + i) + map_e[k] * y + map_f[k]
                    _sample(ink, columns, rows, cell, seen[i])
                    for k in range(n):
                        seen[i, k] = (background + contrast * seen[i, k]) * brightness[k]
                    _look_up(seen[i], table, cells_per_unit, trace[i], share[i])
            if inside.any():
                # What is left in the lanes of other pixels is filtered too, and read by nobody.
                _low_pass(trace, share)
        theta_on, theta_off = on[y, x], off[y, x]
        noise = slice(noise_first[pixel], noise_first[pixel + 1])
        leak = leak_hz * theta_on * 1e-6
        # A random start between the two thresholds: as after a long time of operation.
        start = start_share[y, x] * (theta_on + theta_off) - theta_off
        if not inside[lane] and noise.start == noise.stop:
            level = plain[0] - start
            rises = plain_high + leak * times[-1] - level > theta_on
            if not rises and level - plain_low <= theta_off:
                continue
        while True:
            found = _fire(
                trace[lane] if inside[lane] else plain,
                seen[lane] if inside[lane] else plain_luminance, times, step_us,
                begin, start, theta_on, theta_off, leak, refractory_us, noise_time[noise],
                noise_polarity[noise], noise_draw[noise], noise_loss, out_time[n_out:],
                out_polarity[n_out:],
            )  # fmt: skip
            if n_out + found <= capacity:
                break
            capacity = 2 * (n_out + found)
            out_time = _grown(out_time, n_out, capacity)
            out_pixel = _grown(out_pixel, n_out, capacity)
            out_polarity = _grown(out_polarity, n_out, capacity)
        out_pixel[n_out : n_out + found] = pixel
        n_out += found
    return out_time[:n_out], out_pixel[:n_out], out_polarity[:n_out]


@numba.njit(nogil=True, cache=True)
def _grown(values, n, capacity):
    grown = np.empty(capacity, values.dtype)
    # A slice assigned to a slice takes seconds to compile: the message of its error does.
    for i in range(n):
        grown[i] = values[i]
    return grown


@numba.njit(nogil=True, cache=True)
def _serve(times, bus_us):
    """Let events wait for a bus that takes `bus_us` each, first come, first served."""
    free = 0.0
    for index in range(len(times)):
        sent = max(float(times[index]), free)
        free = sent + bus_us
        times[index] = int(sent)


def pixel_events(
    scene: MovingImage, sensor: Sensor, rng: np.random.Generator, settled: bool = True
) -> np.ndarray:
    """Return the events of a sensor before a moving image; there may be none.

    Args:
        rng: draws the pixels' initial levels and the noise.
        settled: False lets every pixel begin with its stored level equal to what it sees, as
            after a reset, instead of anywhere between the thresholds.

    Returns:
        (event,) of EVENT_DTYPE, in order of time; events of one microsecond in order of pixels.
    """
    model = sensor.model
    width, height = sensor.sensor_size
    n_steps = len(scene.brightness) - 1
    table, cells_per_unit = _response_table(scene, model)
    if settled:
        start_share = rng.random((height, width))
    else:
        start_share = sensor.off / (sensor.on + sensor.off)
    noise = _noise(sensor, n_steps, scene.step_us, rng)
    times, pixels, polarities = _walk_pixels(
        scene.ink, *np.ascontiguousarray(scene.to_image.T), scene.brightness,
        float(scene.background), float(scene.stroke - scene.background), float(scene.step_us),
        scene.n_warm, table, cells_per_unit, sensor.on,
        sensor.off, start_share, float(model.leak_hz), float(model.refractory_us), *noise,
        1 - NOISE_AT_WHITE,
    )  # fmt: skip
    # Time in front, place behind: plain numbers are sorted several times as fast as by argsort,
    # and stay stable.
    ordered = np.sort(times << 32 | np.arange(len(times)))
    times, order = ordered >> 32, ordered & 0xFFFFFFFF
    if model.bus_us:
        _serve(times, float(model.bus_us))
    events = np.empty(len(times), EVENT_DTYPE)
    events["t"] = times
    events["y"], events["x"] = np.divmod(pixels[order], width)
    events["p"] = polarities[order]
    return events


def record(scene: MovingImage, sensor: Sensor, rng: np.random.Generator) -> EventRecording:
    """Return what a sensor records before a moving image.

    Raises:
        StudyError: not a single event.
    """
    events = pixel_events(scene, sensor, rng)
    if not len(events):
        raise StudyError(
            "the simulated sensor sent no event, expected some: lower simulation.sensors' "
            "thresholds or raise simulation.scenes' contrast."
        )
    return EventRecording(events, sensor.sensor_size)
