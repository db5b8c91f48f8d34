"""Plans of simulated recordings (takes), the conditions of each, and the takes of a set.

A recording depends only on (settings, seed, symbol, size, index). A generator of that name draws
everything random in it, so neither the order nor the number of threads matters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dvs_snn.files.randomness import generator
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.settings.simulation_settings import (
    AnyScene,
    PixelModel,
    SceneSettings,
    TrainingPlans,
    at_size,
    sizes_of,
)
from dvs_snn.simulation import scenes
from dvs_snn.simulation.scenes import Look, Pose
from dvs_snn.simulation.sensor import SMOOTH, Sensor, make_sensor, record
from dvs_snn.simulation.symbols import Symbols

WARM_UP_S = 1 / 75
"""Time that the sensor sees the scene before a recording begins, one period of the backlight. By
then a pixel that starts between two thresholds has sent its first events."""


@dataclass(frozen=True)
class Conditions:
    """All conditions of one simulated recording.

    Attributes:
        scene: ``mnist-dvs``, ``saccades`` or ``paper``.
        settings: of the scene.
        size: 4, 8 or 16 in ``mnist-dvs``, else None.
        duration_s, step_us: length of the recording and of a simulated step.
        model: the sensor's parameters.
        look: how the digit looks; its magnification holds the size of MNIST-DVS.
        amplitude: factor on the scene's path.
        speed: factor on the speed along the path.
        turn_deg: turn of the digit, counter-clockwise as displayed.
        shift_px: (right, down), where the path's centre is, in sensor pixels.
        phase: where on the path of ``mnist-dvs`` the recording begins, in turns; None draws it.
    """

    scene: str
    settings: AnyScene
    size: int | None
    duration_s: float
    step_us: float
    model: PixelModel
    look: Look
    amplitude: float = 1.0
    speed: float = 1.0
    turn_deg: float = 0.0
    shift_px: tuple[float, float] = (0.0, 0.0)
    phase: float | None = None


FACTORS = ("threshold", "cutoff", "size", "width", "amplitude", "speed")
LOOKS = ("flicker_depth", "background", "stroke", "blur_px", "stroke_exponent", "sharpness")
VALUES = ("mismatch", "shot_noise_hz", *LOOKS)
PLACES = ("shift_x_px", "shift_y_px", "turn_deg", "slant_deg", "warp_px")
RANGES = (*FACTORS, *VALUES, *PLACES)
"""What training may vary: factors on the nominal value, values in its place, where the digit is and
how it is bent. Beside it the bend of the path in ``saccades``, the length in ``mnist-dvs``."""

N_BENDS = 6
"""Evenly spaced moments at which the path of ``saccades`` is shifted, and between them in line."""


def nominal_conditions(
    simulation: SceneSettings, scene: str, size: int | None = None
) -> Conditions:
    """Return a scene's conditions without variation, at its longest; `size` as in `Conditions`."""
    settings = simulation.scenes[scene]
    look = Look(
        at_size(settings.magnification, size), settings.stroke_exponent, settings.blur_px,
        settings.background, settings.stroke, settings.flicker_hz, settings.flicker_depth,
        settings.sharpness,
    )  # fmt: skip
    model, step_us = simulation.sensor_of(scene), settings.step_ms * 1000
    return Conditions(scene, settings, size, settings.longest_s, step_us, model, look)


def _drawn(limits: Sequence[float], share: float, logarithmic: bool) -> float:
    """Return the value that lies a share of the way from the smallest to the largest."""
    low, high = limits
    return float(low * (high / low) ** share if logarithmic else low + (high - low) * share)


def vary(
    nominal: Conditions, ranges: Mapping[str, Sequence[float]], rng: np.random.Generator
) -> Conditions:
    """Draw a training recording's conditions: domain randomisation (Tobin et al. 2017, IROS).

    Args:
        ranges: smallest and largest of each quantity of `RANGES` that varies. Factors, the noise
            rate and the length are drawn evenly on a logarithmic axis, the others evenly.
    """
    # Draw for every quantity, used or not: so one more range doesn't change the other quantities.
    shares = rng.random(len(RANGES))
    drawn = {
        name: _drawn(ranges[name], share, name in (*FACTORS, "shot_noise_hz"))
        for name, share in zip(RANGES, shares, strict=True)
        if name in ranges
    }

    def of(*names: str) -> dict[str, float]:
        return {name: drawn[name] for name in names if name in drawn}

    threshold, look, settings = drawn.get("threshold", 1.0), nominal.look, nominal.settings
    model = replace(
        nominal.model,
        threshold_on=nominal.model.threshold_on * threshold,
        threshold_off=nominal.model.threshold_off * threshold,
        cutoff_hz=nominal.model.cutoff_hz * drawn.get("cutoff", 1.0),
        **of("mismatch", "shot_noise_hz"),
    )
    if "bend_px" in ranges:
        knots = np.array(settings.knots)
        moments = np.linspace(knots[0, 0], knots[-1, 0], N_BENDS)
        for axis in (1, 2):
            shifts = rng.uniform(*ranges["bend_px"], N_BENDS)
            knots[:, axis] += np.interp(knots[:, 0], moments, shifts)
        settings = replace(settings, knots=tuple(map(tuple, knots.tolist())))
    duration_s = nominal.duration_s
    if "duration_s" in ranges:
        limits = at_size(ranges["duration_s"], nominal.size)
        duration_s = _drawn(limits, rng.random(), logarithmic=True)
    return replace(
        nominal,
        model=model,
        look=replace(
            look,
            magnification=look.magnification * drawn.get("size", 1.0),
            **of(*LOOKS, "width", "slant_deg", "warp_px"),
        ),
        settings=settings,
        duration_s=duration_s,
        shift_px=(drawn.get("shift_x_px", 0.0), drawn.get("shift_y_px", 0.0)),
        **of("amplitude", "speed", "turn_deg"),
    )


def _pose(conditions: Conditions, seconds: np.ndarray, rng: np.random.Generator) -> Pose:
    settings, seconds_along = conditions.settings, seconds * conditions.speed
    if conditions.scene == "saccades":
        moments = scenes.early_or_late(seconds_along, settings.rests, rng)
        pose = scenes.spline_path(moments, settings.knots)
    elif conditions.scene == "mnist-dvs":
        phase = rng.random() if conditions.phase is None else conditions.phase
        pose = scenes.straight_legs(seconds_along, settings.corners, phase)
    else:
        pose = scenes.hand_held(
            seconds_along, rng, settings.drift_px, settings.tremor_px, settings.tilt_deg
        )
    right, down = conditions.shift_px
    return pose._replace(
        x=pose.x * conditions.amplitude + right,
        y=pose.y * conditions.amplitude + down,
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
    look, settings = conditions.look, conditions.settings
    image = scenes.warped(image, look.warp_px, rng)
    n_warm = int(np.ceil(WARM_UP_S * 1e6 / conditions.step_us))
    n_steps = n_warm + round(conditions.duration_s * 1e6 / conditions.step_us)
    seconds = (np.arange(n_steps + 1) - n_warm) * conditions.step_us * 1e-6
    drawn, display = seconds, SMOOTH
    if conditions.scene == "mnist-dvs" and settings.refresh_hz:
        drawn, display = scenes.monitor(
            seconds, settings.refresh_hz, settings.scan, settings.response_ms, rng.random()
        )
    pose = _pose(conditions, drawn, rng)
    brightness = scenes.backlight(seconds, look.flicker_hz, look.flicker_depth, rng.random())
    scene = scenes.moving_image(
        image, look, pose, brightness, settings.sensor_size, conditions.step_us, n_warm, display
    )
    return record(scene, sensor, rng)


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
    label: int
    size: int | None
    index: int = 0

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
    if isinstance(limits := conditions.settings.duration_s, tuple):
        share = take.generator(seed, "length").random()
        conditions = replace(conditions, duration_s=_drawn(limits, share, logarithmic=True))
    rng = take.generator(seed, "recording")
    return make_recording(symbols.image(take.symbol), conditions, sensor, rng)


def varied_take(
    take: Take, symbols: Symbols, simulation: SceneSettings, seed: int
) -> EventRecording:
    """Make a training recording, varied and in steps as its scene's plan says."""
    rng, plan = take.generator(seed, "training"), simulation.training[take.scene]
    nominal = nominal_conditions(simulation, take.scene, take.size)
    conditions = vary(replace(nominal, step_us=plan.step_ms * 1000), plan.ranges, rng)
    sensor = make_sensor(conditions.model, conditions.settings.sensor_size, rng)
    return make_recording(symbols.image(take.symbol), conditions, sensor, rng)


def set_takes(simulation: SceneSettings, symbols: Symbols, scene: str, part: str) -> list[Take]:
    """List the recordings of a set: one for each symbol of a part, its sizes in turn."""
    sizes = sizes_of(simulation.scenes[scene])
    return [
        Take(scene, symbol, symbols.label(symbol), sizes[number % len(sizes)])
        for number, symbol in enumerate(symbols.part(part))
    ]


def training_takes(plans: TrainingPlans, symbols: Symbols, replicate: int = 0) -> list[Take]:
    """List a training's recordings: some of each symbol in each scene, its sizes in turn.

    Each `replicate`, the number of a training, has recordings of its own of the same symbols.

    A symbol goes on with the sizes where the symbol before it stopped. So the recordings have all
    sizes in their shares, even if there is one of each symbol.
    """
    takes = []
    for scene, plan in plans.items():
        sizes = sizes_of(plan)
        # A whole number of turns, so that each replicate has the same sizes.
        before = replicate * plan.recordings * len(sizes)
        for number, symbol in enumerate(symbols.part("train")):
            first = before + number * plan.recordings % len(sizes)
            label = symbols.label(symbol)
            takes += [
                Take(scene, symbol, label, sizes[index % len(sizes)], index)
                for index in range(first, first + plan.recordings)
            ]
    return takes
