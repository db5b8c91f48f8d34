"""The section `simulation` as a whole."""

from typing import Annotated

from pydantic import Field, model_validator

from dvs_snn.settings import base
from dvs_snn.settings.base import key, mistake, section
from dvs_snn.settings.simulation.scenes import Scenes
from dvs_snn.settings.simulation.sensor import PixelModel
from dvs_snn.settings.simulation.studies import (
    Profile,
    Sensitivity,
    SimulatedSet,
    ValidationSet,
)
from dvs_snn.settings.simulation.symbols import DrawnSymbols
from dvs_snn.settings.simulation.training import StepRecordings, TrainingPlans


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
    validation: ValidationSet = key(
        "sizes and lengths of the set validation in the scene mnist-dvs", ValidationSet()
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

    @model_validator(mode="after")
    def _parts_fit_together(self) -> "Simulation":
        fewest = min(self.symbols.test)
        if self.sensitivity.symbols > fewest:
            raise mistake(
                "sensitivity.symbols",
                f"is {self.sensitivity.symbols}, expected at most {fewest}, since a digit has only "
                "so many test symbols.",
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
