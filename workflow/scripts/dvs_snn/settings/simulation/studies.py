"""More simulated sets, and what the study asks of the simulated sensor."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dvs_snn.settings import base
from dvs_snn.settings.base import key, mistake, section
from dvs_snn.settings.simulation.scenes import Duration


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
class ValidationSet:
    """What the set validation changes in the scene mnist-dvs; its sensors are the nominal ones."""

    scales: base.set_of(base.MnistDvsSize) | None = key(
        "sizes of MNIST-DVS, in turn; null: the scene's", None
    )
    duration_s: Duration | None = key("length of a recording; null: the scene's", None, "s")


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
