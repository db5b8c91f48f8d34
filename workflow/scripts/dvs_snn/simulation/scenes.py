"""What moves before the simulated sensor: a digit, enlarged, and the path that it takes.

Three scenes. ``mnist-dvs``: a bright digit on a monitor in slow motion along a closed curve, as
in MNIST-DVS (Serrano-Gotarredona and Linares-Barranco 2015, Front. Neurosci. 9:481). ``saccades``:
the three quick movements of N-MNIST's sensor before a monitor (Orchard et al. 2015, Front.
Neurosci. 9:437), and how it settles after two of them. ``paper``: a dark digit on bright paper,
held by hand.

Positions are in sensor pixels, x to the right and y down, about the sensor's centre.
"""

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import interpolate, ndimage

from dvs_snn.simulation.sensor import MovingImage

_OVERSHOOT = 0.02
"""Height of the ripples that a cubic spline leaves beside a stroke, as a share of its ink.
`enlarge` removes them."""

_WARP_LENGTH_PX = 4.0
"""How far a warp reaches, in image pixels: standard deviation of its smoothing (Simard et al.)."""

_TREMOR_HZ = (7.0, 12.0)
"""Band of physiological hand tremor (Elble and Randall 1976, J. Neurophysiol. 39(2))."""


@dataclass(frozen=True)
class Look:
    """How a digit looks to the sensor.

    Attributes:
        magnification: sensor pixels per image pixel.
        stroke_exponent: the image's grey values are raised to it: below 1 thickens strokes.
        blur_px: standard deviation of the optics' blur in sensor pixels.
        background, stroke: luminance of the two, as a share of white.
        flicker_hz, flicker_depth: the backlight's modulation; depth as a share of its mean.
        width: factor on the digit's width.
        slant_deg: how far its upright strokes lean to the right.
        warp_px: displacement of its points along either axis, a root mean square in image pixels,
            as if another hand had drawn it.
    """

    magnification: float
    stroke_exponent: float
    blur_px: float
    background: float
    stroke: float
    flicker_hz: float
    flicker_depth: float
    width: float = 1.0
    slant_deg: float = 0.0
    warp_px: float = 0.0


class Pose(NamedTuple):
    """Where the digit is at every step.

    Attributes:
        x, y: float64 (step,), position of its centre in pixels from the sensor's centre.
        turn: float64 (step,), radians, counter-clockwise as displayed.
        stretch: float64 (step,), factor on its width: a page that is turned looks narrower.
    """

    x: np.ndarray
    y: np.ndarray
    turn: np.ndarray
    stretch: np.ndarray


def _cells_per_image_pixel(magnification: float) -> float:
    """Two cells per sensor pixel where an image pixel is small, one where it is wide."""
    return (2 if magnification < 3 else 1) * magnification


def cells_per_pixel(n_pixels: int, magnification: float) -> float:
    """Return the cells per sensor pixel of an enlarged image that was `n_pixels` wide.

    It differs a little from the wanted number, since an enlarged image has whole cells.
    """
    return round(n_pixels * _cells_per_image_pixel(magnification)) / n_pixels / magnification


def warped(image: np.ndarray, warp_px: float, rng: np.random.Generator) -> np.ndarray:
    """Bend a digit as another hand would draw it, by a smooth random displacement of its points.

    Args:
        image: uint8 (row, column).
        warp_px: root mean square of the displacement along either axis in pixels; 0 bends nothing
            and draws nothing.

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


def enlarge(image: np.ndarray, look: Look) -> np.ndarray:
    """Enlarge an image by cubic splines and blur it as the optics do.

    Args:
        image: uint8 (row, column).

    Returns:
        float64 (row, column), ink from 0 to 1, zero at the border; `cells_per_pixel` to each side.
    """
    factor = _cells_per_image_pixel(look.magnification)
    # Grey values first: on the small image it costs nothing, and splines then smooth the result.
    grey = (image / 255.0) ** look.stroke_exponent
    large = ndimage.zoom(grey, factor, order=3, mode="grid-constant", grid_mode=True)
    ink = np.clip((large - _OVERSHOOT) / (1 - _OVERSHOOT), 0.0, 1.0)
    sigma = look.blur_px * cells_per_pixel(image.shape[1], look.magnification)
    reach = math.ceil(3 * sigma)
    ink = np.pad(ink, reach + 1)
    return ndimage.gaussian_filter(ink, sigma, mode="constant", radius=reach) if reach else ink


def image_map(
    pose: Pose,
    shape: tuple[int, int],
    cells: float,
    sensor_size: tuple[int, int],
    width: float = 1.0,
    slant_deg: float = 0.0,
) -> np.ndarray:
    """Return `MovingImage.to_image`: float64 (step, 6), from sensor pixels to an image's cells.

    Args:
        shape: rows and columns of the enlarged image.
        cells: its cells per sensor pixel.
        width, slant_deg: see `Look`.
    """
    cos, sin = np.cos(pose.turn), np.sin(pose.turn)
    # Undo the turn (y points down), then the stretch, then go from pixels to cells.
    d, e = cells * sin, cells * cos
    lean = math.tan(math.radians(slant_deg))
    a = (cells * cos / pose.stretch + lean * d) / width
    b = (-cells * sin / pose.stretch + lean * e) / width
    x = pose.x + (sensor_size[0] - 1) / 2
    y = pose.y + (sensor_size[1] - 1) / 2
    c = (shape[1] - 1) / 2 - a * x - b * y
    f = (shape[0] - 1) / 2 - d * x - e * y
    return np.stack([a, b, c, d, e, f], axis=1)


def closed_curve(
    seconds: np.ndarray, amplitude_px: tuple[float, float], period_s: float, phase: float
) -> Pose:
    """Move slowly along MNIST-DVS's closed curve: y swings twice while x swings once.

    Args:
        amplitude_px: half the width and half the height of the curve.
        phase: where on the curve the recording begins, in turns; at 0 as MNIST-DVS begins.
    """
    angle = 2 * np.pi * (seconds / period_s + phase)
    x = amplitude_px[0] * np.sin(angle)
    y = amplitude_px[1] * np.sin(2 * angle)
    return Pose(x, y, np.zeros_like(x), np.ones_like(x))


def shown_at_refreshes(
    seconds: np.ndarray, pose: Pose, refresh_hz: float, response_ms: float, phase: float
) -> Pose:
    """Move a pose as a monitor shows it: by a small jump at every refresh, softened by its pixels.

    A liquid crystal approaches each new picture exponentially. If a jump is well below a sensor
    pixel, the digit seems to glide between places likewise: pixels of both polarities fire after
    each refresh, at its rate. A flickering backlight makes ON and OFF events in turn.

    Args:
        refresh_hz: pictures a second; 0 for a digit that moves smoothly.
        response_ms: time constant of the liquid crystal in milliseconds.
        phase: when the first refresh comes, in refreshes.
    """
    if not refresh_hz:
        return pose
    refresh = np.floor(seconds * refresh_hz + phase)
    shown, first = (refresh - phase) / refresh_hz, int(refresh[0])
    share = np.exp(-(seconds - shown) / (response_ms * 1e-3))
    place = (refresh - first).astype(np.int64)
    decay = math.exp(-1 / (refresh_hz * response_ms * 1e-3))

    def glide(values: np.ndarray) -> np.ndarray:
        moments = (np.arange(place[-1] + 1) + first - phase) / refresh_hz
        targets = np.interp(moments, seconds, values)
        # Where the digit seemed to be when the next picture came.
        reached = np.empty(len(targets) + 1)
        reached[0] = targets[0]
        for index, target in enumerate(targets):
            reached[index + 1] = target + (reached[index] - target) * decay
        return targets[place] + (reached[place] - targets[place]) * share

    return Pose(*map(glide, pose))


Knots = tuple[tuple[float, float, float], ...]


# Nearly all recordings have the same knots.
@functools.lru_cache(maxsize=1)
def _spline(knots: Knots) -> interpolate.BSpline:
    moments, *places = np.array(knots, dtype=np.float64).T
    return interpolate.make_interp_spline(moments, np.transpose(places), bc_type="clamped")


def spline_path(seconds: np.ndarray, knots: Knots) -> Pose:
    """Follow a cubic spline through knots; rest at the first before it and at the last after it.

    Args:
        knots: (second, x, y) of each, the seconds rising.
    """
    x, y = _spline(knots)(np.clip(seconds, knots[0][0], knots[-1][0])).T
    still = np.zeros(len(seconds))
    return Pose(x, y, still, still + 1)


def early_or_late(seconds: np.ndarray, rests: Knots, rng: np.random.Generator) -> np.ndarray:
    """Return the seconds of the path at those of the recording; movements begin early or late.

    Args:
        rests: (begin, end, milliseconds) of each: the movement after it begins so much earlier or
            later at most, drawn evenly, and the rest makes up for it.
    """
    begin, end, most_ms = np.array(rests, dtype=np.float64).T
    delays = np.repeat([0.0, *rng.uniform(-most_ms, most_ms) / 1000], 2)[1:-1]
    return seconds - np.interp(seconds, np.column_stack([begin, end]).ravel(), delays)


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

    def wander(size: float, low_hz: float, high_hz: float, n: int = 6) -> np.ndarray:
        frequency, phase = rng.uniform(low_hz, high_hz, n), rng.uniform(0, 2 * np.pi, n)
        waves = np.sin(2 * np.pi * frequency * seconds[:, None] + phase)
        return size * np.sqrt(2 / n) * waves.sum(axis=1)

    x = wander(drift_px, 0.2, 1.2) + wander(tremor_px, *_TREMOR_HZ)
    y = wander(drift_px, 0.2, 1.2) + wander(tremor_px, *_TREMOR_HZ)
    turn = np.deg2rad(wander(tilt_deg, 0.1, 0.8))
    stretch = np.cos(np.deg2rad(wander(2 * tilt_deg, 0.1, 0.8)))
    return Pose(x, y, turn, stretch)


def backlight(
    seconds: np.ndarray, flicker_hz: float, flicker_depth: float, phase: float
) -> np.ndarray:
    """Return the backlight's factor at every step, float64 (step,): a sine about 1."""
    return 1 + flicker_depth * np.sin(2 * np.pi * (flicker_hz * seconds + phase))


def moving_image(
    image: np.ndarray,
    look: Look,
    pose: Pose,
    brightness: np.ndarray,
    sensor_size: tuple[int, int],
    step_us: float,
    n_warm: int,
) -> MovingImage:
    """Return what the sensor sees: a digit with its look, its path and the backlight."""
    ink = enlarge(image, look)
    cells = cells_per_pixel(image.shape[1], look.magnification)
    to_image = image_map(pose, ink.shape, cells, sensor_size, look.width, look.slant_deg)
    return MovingImage(ink, to_image, brightness, look.background, look.stroke, step_us, n_warm)
