"""The compiled part of the sensor: every pixel walked through all steps of a moving image.

The one caller, :func:`dvs_snn.simulation.sensor.pixel_events`, sets types.
"""

from typing import NamedTuple

import numba
import numpy as np

from dvs_snn.files.compiled_kernels import cached

LANES = 4
"""Pixels of a row that are filtered side by side, as `_follow` is written out."""

_QUIET_STEPS = 16


class Display(NamedTuple):
    """A monitor that draws one picture after the other; its spots approach each exponentially.

    Attributes:
        drawn_us: float64 (picture,), when the top row gets each; 0 is the first step. Empty without
            a monitor: every step then has a picture of its own.
        row_delay_us: how much later a sensor row's pictures come than those of the row above.
        period_us: time from a picture to the next.
        response_us: time constant of a spot.
    """

    drawn_us: np.ndarray
    row_delay_us: float = 0.0
    period_us: float = 1.0
    response_us: float = 1.0


class Noise(NamedTuple):
    """Noise candidates, pixel by pixel, those of a pixel in order of time.

    Attributes:
        first: int64 (pixel + 1,), the number of each pixel's first candidate.
        time: float64 (candidate,), in microseconds.
        polarity: bool (candidate,).
        draw: float64 (candidate,), a draw by which the light throws it away.
    """

    first: np.ndarray
    time: np.ndarray
    polarity: np.ndarray
    draw: np.ndarray


@cached
@numba.njit(nogil=True)
def _seeing(ink, to_image, height, width):
    """Tell whether a box around all cells that a pixel's path may cross holds any ink.

    Rounding never reverses an order, so the box holds every cell that `walk_pixels` computes in the
    same order of operations. Returns bool (row, column) of pixels.
    """
    # Cells with ink above and left of each corner.
    counted = np.zeros((ink.shape[0] + 1, ink.shape[1] + 1), np.int64)
    for i in range(ink.shape[0]):
        along = 0
        for j in range(ink.shape[1]):
            along += ink[i, j] > 0.0
            counted[i + 1, j + 1] = counted[i, j + 1] + along

    lowest = np.empty(6)
    highest = np.empty(6)
    for i in range(6):
        lowest[i] = to_image[i].min()
        highest[i] = to_image[i].max()

    sees_ink = np.zeros((height, width), np.bool_)
    for y in range(height):
        for x in range(width):
            left = max(int(lowest[0] * x + lowest[1] * y + lowest[2]), 0)
            right = min(int(highest[0] * x + highest[1] * y + highest[2]) + 2, ink.shape[1])
            top = max(int(lowest[3] * x + lowest[4] * y + lowest[5]), 0)
            bottom = min(int(highest[3] * x + highest[4] * y + highest[5]) + 2, ink.shape[0])
            if left < right and top < bottom:
                n_below = counted[bottom, right] - counted[bottom, left]
                n_above = counted[top, right] - counted[top, left]
                sees_ink[y, x] = n_below > n_above
    return sees_ink


@cached
@numba.njit(nogil=True)
def _sample(ink, columns, rows, cell, seen):
    """Read ink along a path, bilinear; its border is zero, so that clamping reads zero outside.

    `columns` and `rows` are left as the shares of the way to the next cell; `cell` is working
    space. The first loop, which doesn't wait for reads of `ink`, is compiled to vector operations.
    """
    height = np.int32(ink.shape[0])
    width = np.int32(ink.shape[1])
    for k in range(len(seen)):
        column = min(max(columns[k], 0.0), width - 1.000001)
        row = min(max(rows[k], 0.0), height - 1.000001)
        i = np.int32(row)
        j = np.int32(column)
        rows[k] = row - i
        columns[k] = column - j
        cell[k] = i * width + j
    flat = ink.ravel()
    for k in range(len(seen)):
        # Unsigned: for an index that may be negative numba adds a test to every read.
        here = np.uint64(cell[k])
        below = here + np.uint64(width)
        u = columns[k]
        upper = flat[here] + u * (flat[here + np.uint64(1)] - flat[here])
        lower = flat[below] + u * (flat[below + np.uint64(1)] - flat[below])
        seen[k] = upper + rows[k] * (lower - upper)


@cached
@numba.njit(nogil=True)
def _scan(display, y, times, picture, rest):
    """Fill in which picture a row of the monitor has at every step, and how far it has come.

    `picture` (step,) counts from 0; `rest` (step,) is the share of its change still to come.
    """
    drawn = display.drawn_us
    delay_us = y * display.row_delay_us
    now = 0
    for k in range(len(times)):
        while now + 1 < len(drawn) and drawn[now + 1] + delay_us <= times[k]:
            now += 1
        picture[k] = now
        # Before a row gets its first picture, it shows that picture.
        age = max(times[k] - drawn[now] - delay_us, 0.0)
        rest[k] = np.exp(-age / display.response_us)


@cached
@numba.njit(nogil=True)
def _show(target, picture, rest, rest_at_end, seen):
    """Let a spot of the monitor approach one picture after the other; fill `seen`, float64 (step,).

    `target` (picture,) is what the spot would reach; `rest_at_end` what is left of a change when
    the next picture comes.
    """
    n = len(seen)
    reached = target[0]
    first = 0
    for now in range(len(target)):
        last = first
        while last < n and picture[last] == now:
            last += 1
        gap = reached - target[now]
        for k in range(first, last):
            seen[k] = target[now] + gap * rest[k]
        reached = target[now] + gap * rest_at_end
        first = last


@cached
@numba.njit(nogil=True)
def _look_up(luminance, table, column, cells_per_unit, result):
    """Read a quantity out of the table: `column` has its values, the next one their rises."""
    for k in range(len(luminance)):
        place = luminance[k] * cells_per_unit
        whole = np.int32(place)
        cell = np.uint64(whole)
        result[k] = table[cell, column] + (place - whole) * table[cell, column + 1]


@cached
@numba.njit(nogil=True)
def _follow(luminance, rest, followed):
    """Let the photoreceptors of `LANES` pixels follow luminance, all float64 (pixel, step).

    A step waits for the one before it: four pixels side by side wait only once.
    """
    for i in range(LANES):
        followed[i, 0] = luminance[i, 0]
    u0 = luminance[0, 0]
    u1 = luminance[1, 0]
    u2 = luminance[2, 0]
    u3 = luminance[3, 0]
    for k in range(1, luminance.shape[1]):
        u0 = luminance[0, k] * u0 / (u0 + (luminance[0, k] - u0) * rest[0, k])
        u1 = luminance[1, k] * u1 / (u1 + (luminance[1, k] - u1) * rest[1, k])
        u2 = luminance[2, k] * u2 / (u2 + (luminance[2, k] - u2) * rest[2, k])
        u3 = luminance[3, k] * u3 / (u3 + (luminance[3, k] - u3) * rest[3, k])
        followed[0, k] = u0
        followed[1, k] = u1
        followed[2, k] = u2
        followed[3, k] = u3


@cached
@numba.njit(nogil=True)
def _is_quiet(trace, times, leak, lowest, highest):
    """Tell whether a signal stays between two levels at all steps."""
    n_beyond = 0
    for k in range(len(trace)):
        after = trace[k] + leak * times[k]
        n_beyond += not (lowest <= after <= highest)
    return n_beyond == 0


@cached
@numba.njit(nogil=True)
def _fire(
    trace,
    luminance,
    times,
    step_us,
    begin,
    start,
    theta_on,
    theta_off,
    leak,
    refractory_us,
    noise,
    next_noise,
    after_noise,
    noise_loss,
    out_time,
    out_polarity,
):
    """Append one pixel's events to the lists `out_time` and `out_polarity`.

    Events count from the time `begin` on. `leak` is in ln units per microsecond. The pixel's noise
    begins at `next_noise` and ends before `after_noise`.
    """
    noise_at = noise.time[next_noise] if next_noise < after_noise else np.inf
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
                before = trace[last] + leak * times[last]
                time0 = times[last]
                continue
        for k in range(first, last + 1):
            time1 = times[k]
            after = trace[k] + leak * time1
            quiet = after <= level + theta_on and after >= level - theta_off
            if quiet and not held and time1 < noise_at:
                before = after
                time0 = time1
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
                        out_time.append(int(crossing - begin))
                        out_polarity.append(slope > 0.0)
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
                kept = noise.draw[next_noise] < 1.0 - noise_loss * min(luminance[k], 1.0)
                if kept and not held:
                    if time >= begin:
                        out_time.append(int(time - begin))
                        out_polarity.append(noise.polarity[next_noise])
                    level = before + slope * (time - time0)
                    if refractory_us > 0.0:
                        ready = time + refractory_us
                        held = True
                next_noise += 1
                noise_at = noise.time[next_noise] if next_noise < after_noise else np.inf
            before = after
            time0 = time1


@cached
@numba.njit(nogil=True)
def walk_pixels(
    ink,
    to_image,
    display,
    brightness,
    background,
    contrast,
    step_us,
    n_warm,
    table,
    is_slow,
    cells_per_unit,
    on,
    off,
    start_level,
    leak_hz,
    refractory_us,
    noise,
    noise_loss,
):
    """Walk every pixel through all steps; return times in us, flat pixels and polarities.

    Pixel by pixel rather than step by step: what belongs to a pixel stays in the nearest cache.
    `to_image` is float64 (6, picture). Pixels that don't see ink see the background alone.
    """
    n = len(brightness)
    n_pictures = to_image.shape[1]
    height, width = on.shape
    sees_ink = _seeing(ink, to_image, height, width)
    begin = n_warm * step_us
    is_smooth = len(display.drawn_us) == 0
    times = np.arange(n) * step_us
    columns = np.empty(n_pictures)
    rows = np.empty(n_pictures)
    cell = np.empty(n_pictures, np.int32)
    target = np.empty(n_pictures)
    picture = np.empty(n, np.int64)
    rest = np.empty(n)
    rest_at_end = np.exp(-display.period_us / display.response_us)
    # Ones, since `_follow` divides in unused lanes too.
    seen = np.ones((LANES, n))
    trace = np.ones((LANES, n))
    rest_of = np.ones((LANES, n))
    # All pixels that see nothing but the background share one filtered intensity.
    plain_luminance = background * brightness
    seen[0] = plain_luminance
    if is_slow:
        _look_up(seen[0], table, 2, cells_per_unit, rest_of[0])
        _follow(seen, rest_of, trace)
    else:
        trace[0] = seen[0]
    plain = np.empty(n)
    _look_up(trace[0], table, 0, cells_per_unit, plain)
    plain_low = plain.min()
    plain_high = plain.max()

    # Lists that are empty, but of a known type.
    out_time = [0 for _ in range(0)]
    out_pixel = [0 for _ in range(0)]
    out_polarity = [False for _ in range(0)]
    for y in range(height):
        if not is_smooth and sees_ink[y].any():
            _scan(display, y, times, picture, rest)
        for x in range(width):
            pixel = y * width + x
            lane = x % LANES
            if lane == 0:
                n_lanes = min(LANES, width - x)
                for i in range(n_lanes):
                    if not sees_ink[y, x + i]:
                        continue
                    for k in range(n_pictures):
                        columns[k] = to_image[0, k] * (x + i) + to_image[1, k] * y + to_image[2, k]
                        rows[k] = to_image[3, k] * (x + i) + to_image[4, k] * y + to_image[5, k]
                    if is_smooth:
                        _sample(ink, columns, rows, cell, seen[i])
                    else:
                        _sample(ink, columns, rows, cell, target)
                        _show(target, picture, rest, rest_at_end, seen[i])
                    for k in range(n):
                        seen[i, k] = (background + contrast * seen[i, k]) * brightness[k]
                    if is_slow:
                        _look_up(seen[i], table, 2, cells_per_unit, rest_of[i])
                    else:
                        _look_up(seen[i], table, 0, cells_per_unit, trace[i])
                if is_slow and sees_ink[y, x : x + n_lanes].any():
                    # This follows in unused lanes too; nothing reads them.
                    _follow(seen, rest_of, trace)
                    for i in range(n_lanes):
                        # What an unused lane holds may lie beyond the table.
                        if sees_ink[y, x + i]:
                            _look_up(trace[i], table, 0, cells_per_unit, trace[i])
            theta_on = on[y, x]
            theta_off = off[y, x]
            first_noise = noise.first[pixel]
            after_noise = noise.first[pixel + 1]
            leak = leak_hz * theta_on * 1e-6
            start = start_level[y, x]
            if not sees_ink[y, x] and first_noise == after_noise:
                level = plain[0] - start
                rises = plain_high + leak * times[-1] - level > theta_on
                if not rises and level - plain_low <= theta_off:
                    continue
            _fire(
                trace[lane] if sees_ink[y, x] else plain,
                seen[lane] if sees_ink[y, x] else plain_luminance,
                times,
                step_us,
                begin,
                start,
                theta_on,
                theta_off,
                leak,
                refractory_us,
                noise,
                first_noise,
                after_noise,
                noise_loss,
                out_time,
                out_polarity,
            )
            for _ in range(len(out_time) - len(out_pixel)):
                out_pixel.append(pixel)
    return np.array(out_time), np.array(out_pixel), np.array(out_polarity)
