"""What a simulated sensor sees."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from dvs_snn.settings import base
from dvs_snn.settings.base import key, mistake, section

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


def changed_scene(
    simulation: Mapping[str, Any], scene: str, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the simulation's settings with a scene as a set changes it.

    Args:
        changes: `scales` and `duration_s`; None leaves the scene's own.
    """
    scenes = simulation["scenes"]
    changed = {key: changes[key] for key in ("scales", "duration_s") if changes[key] is not None}
    return {**simulation, "scenes": {**scenes, scene: {**scenes[scene], **changed}}}


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
