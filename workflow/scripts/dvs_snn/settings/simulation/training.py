"""Training recordings, which vary, and those in time steps."""

from typing import Annotated, Any

from pydantic import Field, with_config
from typing_extensions import TypedDict

from dvs_snn.settings import base
from dvs_snn.settings.base import key, section
from dvs_snn.settings.simulation.scenes import Blur, Depth, Duration, Luminance, StepMs


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
    scales: base.list_of(base.MnistDvsSize) | None = key(
        "sizes of MNIST-DVS (its scales) of the recordings, in turn; null: those that give frames",
        None,
    )
