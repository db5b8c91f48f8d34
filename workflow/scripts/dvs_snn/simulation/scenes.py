"""What moves before the simulated sensor: a digit, enlarged, and the path that it takes.

Three scenes. ``mnist-dvs``: a digit on a monitor in slow motion along straight legs, as in
MNIST-DVS (Serrano-Gotarredona and Linares-Barranco 2015, Front. Neurosci. 9:481). ``saccades``:
the three quick movements of N-MNIST's sensor before a monitor (Orchard et al. 2015, Front.
Neurosci. 9:437), and how it settles after two of them. ``paper``: a dark digit on bright paper,
held by hand.

Positions are in sensor pixels, x to the right and y down, from the sensor's centre.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import interpolate, ndimage

from dvs_snn.simulation.sensor import Display

_OVERSHOOT = 0.02
"""Height of the ripples that a cubic spline leaves beside a stroke, as a share of its ink.
`enlarge` removes them."""

_WARP_LENGTH_PX = 4.0
"""How far a warp reaches, in image pixels: standard deviation of its smoothing (Simard et al.)."""

_TREMOR_HZ = (7.0, 12.0)
"""Band of physiological hand tremor (Elble and Randall 1976, J. Neurophysiol. 39(2))."""


class Pose(NamedTuple):
    """Where the digit is in every picture. Without a monitor, every step has a picture of its own.

    Attributes:
        x, y: float64 (picture,), position of its centre in pixels from the sensor's centre.
        turn: float64 (picture,), radians, counter-clockwise as displayed.
        stretch: float64 (picture,), factor on its width: a page that is turned looks narrower.
    """

    x: np.ndarray
    y: np.ndarray
    turn: np.ndarray
    stretch: np.ndarray


def warped(image: np.ndarray, warp_px: float, rng: np.random.Generator) -> np.ndarray:
    """Bend a digit as another hand would draw it, by a smooth random displacement of its points.

    Args:
        image: uint8 (row, column).
        warp_px: how far points are displaced along each axis, a root mean square in pixels. At 0
            the image stays as it is, and `rng` draws nothing.

    Returns:
        uint8 (row, column).

    Source: elastic distortions, Simard, Steinkraus and Platt 2003, ICDAR, p. 958.
    """
    if not warp_px:
        return image

    noise = rng.standard_normal((2, *image.shape))
    # Wrapped around, it is equally strong everywhere.
    smooth = ndimage.gaussian_filter(noise, (0, _WARP_LENGTH_PX, _WARP_LENGTH_PX), mode="wrap")
    # Smoothing leaves a standard deviation of 1 / (2 sqrt(pi) length) of unit white noise.
    displacement = smooth * (warp_px * 2 * math.sqrt(math.pi) * _WARP_LENGTH_PX)

    places = np.indices(image.shape) + displacement
    grey = ndimage.map_coordinates(image.astype(np.float64), places, order=1)
    return np.rint(grey).astype(np.uint8)


def enlarge(
    image: np.ndarray,
    magnification: float,
    stroke_exponent: float,
    sharpness: float,
    blur_px: float,
) -> tuple[np.ndarray, float]:
    """Enlarge an image by cubic splines and blur it as the optics do.

    Args:
        image: uint8 (row, column).
        magnification: sensor pixels per image pixel.
        stroke_exponent: the image's grey values are raised to it: below 1 thickens strokes.
        sharpness: factor on the slope of the enlarged image's edges; 1 leaves them as they are.
        blur_px: standard deviation of the optics' blur in sensor pixels.

    Returns:
        float64 (row, column), ink from 0 to 1, zero at the border. And its cells per sensor pixel.
    """
    # Two cells per sensor pixel where an image pixel is small, one where it is wide.
    factor = (2 if magnification < 3 else 1) * magnification
    # The exponent comes first: the small image has few pixels, and splines then smooth the result.
    grey = (image / 255.0) ** stroke_exponent
    large = ndimage.zoom(grey, factor, order=3, mode="grid-constant", grid_mode=True)
    ink = np.clip((large - _OVERSHOOT) / (1 - _OVERSHOOT), 0.0, 1.0)
    if sharpness != 1:
        ink = np.clip((ink - 0.5) * sharpness + 0.5, 0.0, 1.0)

    # Cells are whole, so their number per pixel differs a little from the wanted one.
    cells = large.shape[1] / image.shape[1] / magnification
    sigma = blur_px * cells
    reach = math.ceil(3 * sigma)
    ink = np.pad(ink, reach + 1)
    return ndimage.gaussian_filter(ink, sigma, mode="constant", radius=reach), cells


def image_map(
    pose: Pose,
    shape: tuple[int, ...],
    cells: float,
    sensor_size: tuple[int, int],
    width: float = 1.0,
    slant_deg: float = 0.0,
) -> np.ndarray:
    """Return `MovingImage.to_image`: float64 (picture, 6), from sensor pixels to an image's cells.

    Args:
        shape: rows and columns of the enlarged image.
        cells: its cells per sensor pixel.
        width: factor on the digit's width.
        slant_deg: how far its upright strokes lean to the right.
    """
    # Undo the turn (y points down), then the stretch, then go from pixels to cells.
    cos = np.cos(pose.turn)
    sin = np.sin(pose.turn)
    d = cells * sin
    e = cells * cos
    lean = math.tan(math.radians(slant_deg))
    a = (cells * cos / pose.stretch + lean * d) / width
    b = (-cells * sin / pose.stretch + lean * e) / width

    # The digit's centre is the image's centre.
    x = pose.x + (sensor_size[0] - 1) / 2
    y = pose.y + (sensor_size[1] - 1) / 2
    c = (shape[1] - 1) / 2 - a * x - b * y
    f = (shape[0] - 1) / 2 - d * x - e * y
    return np.stack([a, b, c, d, e, f], axis=1)


Knots = tuple[tuple[float, ...], ...]
"""(second, x, y) of places on a path, the seconds rising."""


def straight_legs(seconds: np.ndarray, corners: Knots, phase: float) -> Pose:
    """Move at an even speed from corner to corner, again and again, as MNIST-DVS's digits do.

    Args:
        corners: of one round, which begins at second 0; the last has the place of the first.
        phase: where in the round the recording begins, in turns; at 0 as MNIST-DVS begins.
    """
    moments, x, y = np.array(corners, dtype=np.float64).T
    in_round = (seconds + phase * moments[-1]) % moments[-1]
    still = np.zeros(len(seconds))
    return Pose(np.interp(in_round, moments, x), np.interp(in_round, moments, y), still, still + 1)


def monitor(
    seconds: np.ndarray, refresh_hz: float, scan: float, response_ms: float, phase: float
) -> tuple[np.ndarray, Display]:
    """Return when a monitor draws its pictures, float64 (picture,) in seconds, and how it does.

    A liquid crystal approaches each new picture exponentially. Pixels of both polarities fire after
    each refresh, at its rate.

    Args:
        seconds: of the steps.
        refresh_hz: pictures a second.
        scan: time between two sensor rows, in refreshes: a monitor draws from top to bottom.
        response_ms: time constant of the monitor's spots.
        phase: when the first refresh comes, in refreshes.
    """
    first, last = np.floor(seconds[[0, -1]] * refresh_hz + phase)
    # The rows at the bottom still show the picture before the first.
    drawn = (np.arange(first - 1, last + 1) - phase) / refresh_hz
    period_us = 1e6 / refresh_hz
    since_us = (drawn - seconds[0]) * 1e6
    return drawn, Display(since_us, scan * period_us, period_us, response_ms * 1000)


def spline_path(seconds: np.ndarray, knots: Knots) -> Pose:
    """Follow a cubic spline through knots; rest at the first before it and at the last after it."""
    table = np.array(knots, dtype=np.float64)
    moments = table[:, 0]
    spline = interpolate.make_interp_spline(moments, table[:, 1:], bc_type="clamped")
    x, y = spline(np.clip(seconds, moments[0], moments[-1])).T
    still = np.zeros(len(seconds))
    return Pose(x, y, still, still + 1)


def early_or_late(seconds: np.ndarray, rests: Knots, rng: np.random.Generator) -> np.ndarray:
    """Return the path's second at each second of the recording; movements begin early or late.

    Args:
        rests: (begin, end, milliseconds) of each. The movement after it begins earlier or later by
            at most the milliseconds, drawn evenly. The rest becomes shorter or longer by as much.
    """
    begin, end, most_ms = np.array(rests, dtype=np.float64).T
    delays = rng.uniform(-most_ms, most_ms) / 1000
    # A delay changes during the rest alone, from that of the movement before.
    before = np.append(0.0, delays[:-1])
    moments = np.column_stack([begin, end]).ravel()
    delays_then = np.column_stack([before, delays]).ravel()
    return seconds - np.interp(seconds, moments, delays_then)


def hand_held(
    seconds: np.ndarray,
    rng: np.random.Generator,
    drift_px: float,
    tremor_px: float,
    tilt_deg: float,
) -> Pose:
    """Hold a sheet by hand: slow drift, tremor of 7 to 12 Hz, slow turns in and out of its plane.

    Each is a sum of sines of random frequency and phase whose root mean square is the argument.
    """
    n = 6

    def wander(size: float, low_hz: float, high_hz: float) -> np.ndarray:
        frequency = rng.uniform(low_hz, high_hz, n)
        phase = rng.uniform(0, 2 * np.pi, n)
        waves = np.sin(2 * np.pi * frequency * seconds[:, None] + phase)
        return size * np.sqrt(2 / n) * waves.sum(axis=1)

    low_hz, high_hz = _TREMOR_HZ
    x = wander(drift_px, 0.2, 1.2) + wander(tremor_px, low_hz, high_hz)
    y = wander(drift_px, 0.2, 1.2) + wander(tremor_px, low_hz, high_hz)
    turn = np.deg2rad(wander(tilt_deg, 0.1, 0.8))
    stretch = np.cos(np.deg2rad(wander(2 * tilt_deg, 0.1, 0.8)))
    return Pose(x, y, turn, stretch)


def backlight(
    seconds: np.ndarray, flicker_hz: float, flicker_depth: float, phase: float
) -> np.ndarray:
    """Return the backlight's factor at every step, float64 (step,): a sine about 1."""
    return 1 + flicker_depth * np.sin(2 * np.pi * (flicker_hz * seconds + phase))
