"""The sensor of an event camera: from a moving image to events.

It models the pixel of a dynamic vision sensor as published (Lichtsteiner, Posch, Delbruck 2008,
IEEE J. Solid-State Circuits 43(2); Hu, Liu, Delbruck 2021, "v2e: From Video Frames to Realistic DVS
Events", CVPR Workshops), written anew. The light passes these parts in order:

1. luminance L, as a share of the display's white, times the backlight's factor at that moment;
2. a photoreceptor, whose light u follows L at a speed proportional to u itself:
   du/dt = 2 pi f_white u (L - u), a low-pass of cutoff f_white L for small changes about L;
3. log intensity, linear below a knee: ln u for u >= L_k, ln L_k + u / L_k - 1 below; negated where
   ON events mean darker;
4. leak: the stored level sinks by `leak_hz` ON thresholds a second;
5. an event where the difference to the stored level reaches a pixel's own ON or OFF threshold;
   the pixel stores the level anew after the refractory period;
6. shot noise, its rate falling to a quarter at white, and hot pixels, as Poisson events.

Between two steps the log intensity is a straight line. An event's time is where this line crosses
the threshold, so events don't bunch at steps. The model leaves out latency jitter, photon noise
before the photoreceptor, crosstalk between pixels, waits for the bus, lens distortion and
temperature.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.recording import EVENT_DTYPE, EventRecording
from dvs_snn.settings.simulation_settings import PixelModel
from dvs_snn.simulation.pixel_walk import Display, Noise, walk_pixels

NOISE_AT_WHITE = 0.25
"""Shot noise at the display's white, as a share of that in the dark."""

_SMALLEST_THRESHOLD = 0.3
"""Smallest threshold of a pixel, as a share of the mean; the busiest real pixels set it."""

_TABLE_CELLS = 4096


@dataclass(frozen=True, eq=False)
class Sensor:
    """A sensor: the parameters of its model, its size, and what differs from pixel to pixel.

    Attributes:
        sensor_size: (width, height) in pixels.
        on, off: float64 (height, width), the thresholds of every pixel.
        hot: int64 (n_hot,), the flat indices of the hot pixels.
    """

    model: PixelModel
    sensor_size: tuple[int, int]
    on: np.ndarray
    off: np.ndarray
    hot: np.ndarray


def make_sensor(model: PixelModel, sensor_size: Sequence[int], rng: np.random.Generator) -> Sensor:
    """Draw a sensor: normal thresholds, none below 0.3 of their mean, and hot pixels."""
    width, height = sensor_size

    def thresholds(mean: float) -> np.ndarray:
        drawn = mean * (1 + model.mismatch * rng.standard_normal((height, width)))
        return np.maximum(drawn, _SMALLEST_THRESHOLD * mean)

    on = thresholds(model.threshold_on)
    off = thresholds(model.threshold_off)
    hot = np.flatnonzero(rng.random(height * width) < model.hot_share)
    return Sensor(model, (width, height), on, off, hot)


SMOOTH = Display(np.empty(0))
"""No monitor: every step has a picture of its own."""


@dataclass(frozen=True, eq=False)
class MovingImage:
    """What the sensor sees: ink that moves over a plain background, sampled at equal steps.

    Attributes:
        ink: float64 (row, column), 0 the background to 1 the full stroke; zero at its border.
        to_image: float64 (picture, 6): sensor pixel (x, y) shows the image at column
            a x + b y + c and row d x + e y + f of (a, b, c, d, e, f).
        brightness: float64 (step,), the backlight's factor on every luminance.
        background, stroke: luminance where ink is 0 and where it is 1, as a share of white.
        step_us: length of a step in microseconds.
        n_warm: steps before the recording begins; the sensor sees them, their events are dropped.
        display: the monitor that shows the pictures; `SMOOTH` without one.
    """

    ink: np.ndarray
    to_image: np.ndarray
    brightness: np.ndarray
    background: float
    stroke: float
    step_us: float
    n_warm: int = 0
    display: Display = SMOOTH


def _response_table(scene: MovingImage, model: PixelModel) -> tuple[np.ndarray, float]:
    """Tabulate two functions of luminance L: the log intensity, and the rest of a step.

    Below the knee the logarithm goes on as its tangent. v2e maps low intensities linearly too,
    since ln 0 has no value; the tangent has no kink. The rest is exp(-2 pi f_white L step). In a
    step of constant L the followed light goes from u to exactly L u / (u + (L - u) rest).

    Linear interpolation in 4096 cells is within 1e-5 of the logarithm above the knee of 20/255,
    which is four orders below a threshold.

    Returns:
        float64 (cell, 4): the intensity, its rise to the next cell, the rest, its rise. And the
        number of cells per unit of luminance.
    """
    top = max(scene.background, scene.stroke) * scene.brightness.max()
    luminance = np.linspace(0, top, _TABLE_CELLS + 1)
    table = np.zeros((_TABLE_CELLS + 1, 4))
    low = math.log(model.knee) + luminance / model.knee - 1
    log = np.log(np.maximum(luminance, model.knee))
    table[:, 0] = np.where(luminance < model.knee, low, log)
    table[:, 2] = np.exp(-2 * math.pi * model.cutoff_hz * luminance * scene.step_us * 1e-6)
    if model.inverted:
        table[:, 0] *= -1

    # The last cell, which only the brightest luminance itself reaches, stays flat.
    table[:-1, 1::2] = np.diff(table[:, ::2], axis=0)
    return table, _TABLE_CELLS / top


def _noise(sensor: Sensor, n_steps: int, step_us: float, rng: np.random.Generator) -> Noise:
    """Draw noise candidates.

    Shot noise is drawn at its rate in the dark. Where it is brighter, the kernel drops some of it
    (thinning, Lewis and Shedler 1979). The draws of hot pixels are below 0, so it keeps these all.
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
    return Noise(first, time[order], polarity[order], draw[order])


def start_levels(sensor: Sensor, rng: np.random.Generator) -> np.ndarray:
    """Draw how far each pixel begins above its stored level, float64 (height, width).

    As after a long time, it is even between `start_off` of the OFF threshold and the ON threshold.
    """
    lowest = sensor.model.start_off * sensor.off
    return rng.random(lowest.shape) * (sensor.on + lowest) - lowest


def pixel_events(
    scene: MovingImage, sensor: Sensor, start: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the events of a sensor before a moving image; there may be none.

    Args:
        start: as of `start_levels`; 0 as after a reset.
        rng: draws the noise.

    Returns:
        (event,) of EVENT_DTYPE, in order of time; events of one microsecond in order of pixels.
    """
    model = sensor.model
    table, cells_per_unit = _response_table(scene, model)
    times, pixels, polarities = walk_pixels(
        scene.ink,
        np.ascontiguousarray(scene.to_image.T),
        scene.display,
        scene.brightness,
        scene.background,
        scene.stroke - scene.background,
        scene.step_us,
        scene.n_warm,
        table,
        model.cutoff_hz > 0,
        cells_per_unit,
        sensor.on,
        sensor.off,
        start,
        model.leak_hz,
        model.refractory_us,
        _noise(sensor, len(scene.brightness) - 1, scene.step_us, rng),
        1 - NOISE_AT_WHITE,
    )

    # One number holds the time (high bits) and the place (low bits). Sorting such numbers keeps
    # the order of equal times, and is several times as fast as argsort.
    ordered = np.sort(times << 32 | np.arange(len(times)))
    order = ordered & 0xFFFFFFFF
    events = np.empty(len(order), EVENT_DTYPE)
    events["t"] = ordered >> 32
    events["y"], events["x"] = np.divmod(pixels[order], sensor.sensor_size[0])
    events["p"] = polarities[order]
    return events


def record(scene: MovingImage, sensor: Sensor, rng: np.random.Generator) -> EventRecording:
    """Return what a sensor records before a moving image; StudyError without any event."""
    events = pixel_events(scene, sensor, start_levels(sensor, rng), rng)
    if not len(events):
        raise StudyError(
            "the simulated sensor sent no event, expected some: lower simulation.sensors' "
            "thresholds or raise simulation.scenes' contrast."
        )
    return EventRecording(events, sensor.sensor_size)
