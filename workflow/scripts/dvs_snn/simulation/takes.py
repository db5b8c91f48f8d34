"""Plans of simulated recordings (takes), the conditions of each, and the takes of a set.

A recording depends only on (settings, seed, symbol, size, index). A generator of that name draws
everything random in it, so neither the order nor the number of processes matters.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dvs_snn.files.randomness import generator
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.settings.simulation_settings import (
    AnyScene,
    MnistDvsScene,
    PixelModel,
    SaccadesScene,
    SceneSettings,
    TrainingPlan,
    at_size,
    sizes_of,
)
from dvs_snn.simulation import scenes
from dvs_snn.simulation.drawn_symbols import Symbols
from dvs_snn.simulation.scenes import Pose
from dvs_snn.simulation.sensor import SMOOTH, MovingImage, Sensor, make_sensor, record

WARM_UP_S = 1 / 75
"""Time that the sensor sees the scene before a recording begins, one period of the backlight. By
then a pixel that starts between two thresholds has sent its first events."""


@dataclass(frozen=True)
class Conditions:
    """All conditions of one simulated recording.

    Attributes:
        settings: of the scene, some of them varied.
        model: the sensor's parameters.
        magnification: sensor pixels per image pixel.
        duration_s, step_us: length of the recording and of a simulated step.
        width: factor on the digit's width.
        slant_deg: how far its upright strokes lean to the right.
        warp_px: how far its points are displaced along each axis, as if another hand had drawn it;
            a root mean square in image pixels.
        turn_deg: turn of the digit, counter-clockwise as displayed.
        amplitude: factor on the scene's path.
        speed: factor on the speed along the path.
        shift_x_px, shift_y_px: where the path's centre is, right and down, in sensor pixels.
        phase: where on the path of ``mnist-dvs`` the recording begins, in turns; None draws it.
    """

    settings: AnyScene
    model: PixelModel
    magnification: float
    duration_s: float
    step_us: float
    width: float = 1.0
    slant_deg: float = 0.0
    warp_px: float = 0.0
    turn_deg: float = 0.0
    amplitude: float = 1.0
    speed: float = 1.0
    shift_x_px: float = 0.0
    shift_y_px: float = 0.0
    phase: float | None = None


FACTORS = ("threshold", "cutoff", "size", "width", "amplitude", "speed")
"""Factors on nominal values that training may vary."""

OF_SENSOR = ("mismatch", "shot_noise_hz")
OF_SCENE = ("flicker_depth", "background", "stroke", "blur_px", "stroke_exponent", "sharpness")
OF_DIGIT = ("shift_x_px", "shift_y_px", "turn_deg", "slant_deg", "warp_px")
"""Values that training may vary."""

RANGES = (*FACTORS, *OF_SENSOR, *OF_SCENE, *OF_DIGIT)
"""All these, in the order in which they are drawn. Training may also vary the bend of the path in
``saccades`` and the length in ``mnist-dvs``."""

LOGARITHMIC = (*FACTORS, "shot_noise_hz")
"""Those of `RANGES` that are drawn evenly on a logarithmic axis."""

N_BENDS = 6
"""Moments, evenly spaced, for which a shift of the path of ``saccades`` is drawn. Between two of
them the shift changes evenly."""


def nominal_conditions(
    simulation: SceneSettings, scene: str, size: int | None = None
) -> Conditions:
    """Return a scene's conditions without variation; if its length is drawn, the longest counts.

    Args:
        size: 4, 8 or 16 in the scene ``mnist-dvs``, else None.
    """
    settings = simulation.scenes[scene]
    return Conditions(
        settings=settings,
        model=simulation.sensor_of(scene),
        magnification=at_size(settings.magnification, size),
        duration_s=settings.longest_s,
        step_us=settings.step_ms * 1000,
    )


def _between(limits: Sequence[float], share: float, is_logarithmic: bool) -> float:
    """Return the value that lies a share of the way from the smallest to the largest."""
    low, high = limits
    if is_logarithmic:
        return float(low * (high / low) ** share)
    return float(low + (high - low) * share)


def _bent(
    settings: SaccadesScene, limits: Sequence[float], rng: np.random.Generator
) -> SaccadesScene:
    """Shift the knots of the path to the right and down, each shift drawn between two limits."""
    low, high = limits
    knots = np.array(settings.knots)
    seconds = knots[:, 0]
    moments = np.linspace(seconds[0], seconds[-1], N_BENDS)
    for axis in (1, 2):
        shifts = rng.uniform(low, high, N_BENDS)
        knots[:, axis] += np.interp(seconds, moments, shifts)
    return replace(settings, knots=tuple(map(tuple, knots.tolist())))


def vary(nominal: Conditions, ranges: Mapping[str, Any], rng: np.random.Generator) -> Conditions:
    """Draw a training recording's conditions: domain randomisation (Tobin et al. 2017, IROS).

    Args:
        ranges: smallest and largest of each quantity that varies, at the size of the digit.
    """
    # Draw for every quantity, used or not: so one more range doesn't change the other quantities.
    shares = rng.random(len(RANGES))
    drawn = {
        name: _between(ranges[name], share, name in LOGARITHMIC)
        for name, share in zip(RANGES, shares, strict=True)
        if name in ranges
    }

    # These three are factors on fields of other names. The others are fields of one section each.
    threshold = drawn.pop("threshold", 1.0)
    cutoff = drawn.pop("cutoff", 1.0)
    size = drawn.pop("size", 1.0)

    def drawn_of(section: object) -> dict[str, Any]:
        return {name: value for name, value in drawn.items() if hasattr(section, name)}

    model = replace(
        nominal.model,
        threshold_on=nominal.model.threshold_on * threshold,
        threshold_off=nominal.model.threshold_off * threshold,
        cutoff_hz=nominal.model.cutoff_hz * cutoff,
        **drawn_of(nominal.model),
    )
    settings = replace(nominal.settings, **drawn_of(nominal.settings))
    if isinstance(settings, SaccadesScene) and "bend_px" in ranges:
        settings = _bent(settings, ranges["bend_px"], rng)
    duration_s = nominal.duration_s
    if "duration_s" in ranges:
        duration_s = _between(ranges["duration_s"], rng.random(), is_logarithmic=True)

    return replace(
        nominal,
        settings=settings,
        model=model,
        magnification=nominal.magnification * size,
        duration_s=duration_s,
        **drawn_of(nominal),
    )


def _pose(conditions: Conditions, seconds: np.ndarray, rng: np.random.Generator) -> Pose:
    """Return where the digit is at some seconds of the recording."""
    settings = conditions.settings
    along = seconds * conditions.speed
    if isinstance(settings, SaccadesScene):
        moments = scenes.early_or_late(along, settings.rests, rng)
        pose = scenes.spline_path(moments, settings.knots)
    elif isinstance(settings, MnistDvsScene):
        phase = rng.random() if conditions.phase is None else conditions.phase
        pose = scenes.straight_legs(along, settings.corners, phase)
    else:
        pose = scenes.hand_held(
            along, rng, settings.drift_px, settings.tremor_px, settings.tilt_deg
        )

    return pose._replace(
        x=pose.x * conditions.amplitude + conditions.shift_x_px,
        y=pose.y * conditions.amplitude + conditions.shift_y_px,
        turn=pose.turn + np.deg2rad(conditions.turn_deg),
    )


def make_recording(
    image: np.ndarray, conditions: Conditions, sensor: Sensor, rng: np.random.Generator
) -> EventRecording:
    """Make one recording of a digit.

    Args:
        image: uint8 (row, column), the digit bright on black.
        sensor: the sensor, of `conditions.model`.
        rng: draws the warp, path, flicker's phase, initial levels and noise.

    Raises:
        StudyError: not a single event.
    """
    settings = conditions.settings
    ink, cells = scenes.enlarge(
        scenes.warped(image, conditions.warp_px, rng),
        conditions.magnification,
        settings.stroke_exponent,
        settings.sharpness,
        settings.blur_px,
    )

    n_warm = math.ceil(WARM_UP_S * 1e6 / conditions.step_us)
    n_steps = n_warm + round(conditions.duration_s * 1e6 / conditions.step_us)
    seconds = (np.arange(n_steps + 1) - n_warm) * conditions.step_us * 1e-6
    pictures_at = seconds
    display = SMOOTH
    if isinstance(settings, MnistDvsScene) and settings.refresh_hz:
        pictures_at, display = scenes.monitor(
            seconds, settings.refresh_hz, settings.scan, settings.response_ms, rng.random()
        )

    pose = _pose(conditions, pictures_at, rng)
    moving_image = MovingImage(
        ink=ink,
        to_image=scenes.image_map(
            pose, ink.shape, cells, sensor.sensor_size, conditions.width, conditions.slant_deg
        ),
        brightness=scenes.backlight(
            seconds, settings.flicker_hz, settings.flicker_depth, rng.random()
        ),
        background=settings.background,
        stroke=settings.stroke,
        step_us=conditions.step_us,
        n_warm=n_warm,
        display=display,
    )
    return record(moving_image, sensor, rng)


def nominal_sensor(simulation: SceneSettings, scene: str, seed: int) -> Sensor:
    """Return the one sensor that records all nominal recordings of a scene."""
    settings = simulation.scenes[scene]
    rng = generator(seed, "sensor", settings.sensor)
    return make_sensor(simulation.sensor_of(scene), settings.sensor_size, rng)


@dataclass(frozen=True)
class Take:
    """The plan of one simulated recording: its scene and its symbol.

    Attributes:
        symbol: ``<digit>/<number>``.
        size: 4, 8 or 16 in the scene ``mnist-dvs``, None in the others.
        index: tells the recordings of one symbol, scene and size apart.
    """

    scene: str
    symbol: str
    size: int | None
    index: int = 0

    @property
    def label(self) -> int:
        """The digit that it shows."""
        return Symbols.label(self.symbol)

    @property
    def name(self) -> str:
        """The recording's name, as the published data sets build theirs."""
        digit, number = self.symbol.split("/")
        stem = number if self.size is None else f"mnist_{digit}_scale{self.size:02d}_{number}"
        return f"{digit}/{stem}"

    @property
    def full_name(self) -> str:
        """A name that no other training recording has."""
        return f"{self.scene}/{self.name}#{self.index}"

    def generator(self, seed: int, purpose: str) -> np.random.Generator:
        """Return the generator of one of the take's random parts."""
        return generator(seed, purpose, self.scene, self.symbol, self.size or 0, self.index)


def nominal_take(
    take: Take, symbols: Symbols, simulation: SceneSettings, sensor: Sensor, seed: int
) -> EventRecording:
    """Make a recording of the nominal scene with a nominal sensor; its length may be drawn."""
    conditions = nominal_conditions(simulation, take.scene, take.size)
    limits = conditions.settings.duration_s
    if isinstance(limits, tuple):
        share = take.generator(seed, "length").random()
        conditions = replace(conditions, duration_s=_between(limits, share, is_logarithmic=True))
    rng = take.generator(seed, "recording")
    return make_recording(symbols.image(take.symbol), conditions, sensor, rng)


def varied_take(
    take: Take, symbols: Symbols, simulation: SceneSettings, seed: int
) -> EventRecording:
    """Make a training recording, varied and in steps as its scene's plan says."""
    rng = take.generator(seed, "training")
    plan = simulation.training[take.scene]
    ranges = {name: at_size(limits, take.size) for name, limits in plan.ranges.items()}
    nominal = nominal_conditions(simulation, take.scene, take.size)
    conditions = vary(replace(nominal, step_us=plan.step_ms * 1000), ranges, rng)
    sensor = make_sensor(conditions.model, conditions.settings.sensor_size, rng)
    return make_recording(symbols.image(take.symbol), conditions, sensor, rng)


def set_takes(simulation: SceneSettings, symbols: Symbols, scene: str, part: str) -> list[Take]:
    """List the recordings of a set: one for each symbol of a part, its sizes in turn."""
    sizes = sizes_of(simulation.scenes[scene])
    return [
        Take(scene, symbol, sizes[number % len(sizes)])
        for number, symbol in enumerate(symbols.part(part))
    ]


def training_takes(plans: Mapping[str, TrainingPlan], symbols: Symbols) -> list[Take]:
    """List the training recordings: some of each symbol in each scene, its sizes in turn.

    A symbol goes on with the sizes where the symbol before it stopped. So all sizes have their
    shares, even if there is one recording of each symbol.
    """
    takes = []
    for scene, plan in plans.items():
        sizes = sizes_of(plan)
        for number, symbol in enumerate(symbols.part("train")):
            first = number * plan.recordings % len(sizes)
            takes += [
                Take(scene, symbol, sizes[index % len(sizes)], index)
                for index in range(first, first + plan.recordings)
            ]
    return takes
