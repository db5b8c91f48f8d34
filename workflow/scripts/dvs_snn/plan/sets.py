"""The sets of recordings that a study evaluates, in one table made from its settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from dvs_snn.recordings.folders.folder import list_folder, listing_digest
from dvs_snn.recordings.recording import format_modules
from dvs_snn.settings import set_names
from dvs_snn.settings.data import DIGITS, placement_settings, where_placed
from dvs_snn.settings.scenes import SceneSettings
from dvs_snn.settings.simulation import Simulation
from dvs_snn.settings.study import Study
from dvs_snn.simulation.symbols import check_counts


@dataclass(frozen=True)
class RecordingSet:
    """One set of recordings.

    Paths are as rules write them: `<results>` is the folder of the study's results.

    Attributes:
        kind: `simulated`; `more`, simulated too, from `simulation.sets`; `twins`, real recordings
            of the test symbols; `split`, a part of the study's own recordings; `added`, from
            `evaluation.sets`.
        settings: sensor size, time unit and placement by scene; "" for recordings that aren't
            simulated.
        made: the folders into which the study simulates or unpacks its recordings.
        table: the split table that lists it.
        folders: the user's folders that hold its recordings, perhaps beside those of other sets.
        stored_as: suffixes of its files; None: look into `folders`.
        part: the part whose symbols a simulated set shows, `validation` or `test`.
        simulation: what its recordings are simulated by; None if they aren't.
        classes: the study's.
    """

    name: str
    kind: Literal["simulated", "more", "twins", "split", "added"]
    settings: Mapping[str, dict[str, Any]]
    made: tuple[str, ...] = ()
    table: str = ""
    folders: tuple[str, ...] = ()
    stored_as: tuple[str, ...] | None = None
    part: str = ""
    simulation: SceneSettings | None = None
    classes: tuple[str, ...] = DIGITS

    @property
    def of_source(self) -> bool:
        """Whether every study of its source has the set; no setting asks for it."""
        return self.kind not in ("more", "added")

    @property
    def alone(self) -> bool:
        """Whether the set has evaluation jobs of its own; one job evaluates all others together."""
        return self.kind in ("more", "twins", "added")

    @property
    def is_simulated(self) -> bool:
        """Whether the study simulates its recordings."""
        return self.kind in ("simulated", "more")

    @property
    def scenes(self) -> dict[str, dict[str, Any]]:
        """The placement of its recordings by scene."""
        return {scene: placement_settings(where) for scene, where in self.settings.items()}

    @property
    def where(self) -> dict[str, Any]:
        """How its files are read and placed; of several scenes the first."""
        return next(iter(self.settings.values()))

    @property
    def folder(self) -> str:
        """The folder of an added set."""
        return self.folders[0]

    @cached_property
    def listing(self) -> str:
        """Digest of an added set's folder; StudyError if it can't be listed."""
        return listing_digest(Path(self.folder), self.classes)

    @cached_property
    def formats(self) -> list[str]:
        """The modules of the formats of its files; StudyError if a folder can't be listed."""
        suffixes = self.stored_as
        if suffixes is None:
            folders = map(Path, self.folders)
            files = [file for folder in folders for file in list_folder(folder, self.classes)]
            suffixes = tuple({file.path.suffix for file in files})
        return format_modules(suffixes)


def study_sets(study: Study, unpacked: tuple[str, ...] = ()) -> dict[str, RecordingSet]:
    """Return the sets of a study by name, its own first.

    Args:
        unpacked: the folders that it unpacks archives into.

    Raises:
        StudyError: there are too few symbols to be simulated.
    """
    data, classes = study.data, study.data.classes
    if data.source == "simulated":
        sets = _simulated_sets(study.simulation)
    elif data.source == "tutorial":
        sets = []
    else:
        folders = tuple(folder for folder in (data.folder, data.test_folder) if folder)
        stored_as = (".aedat" if data.source == "mnist-dvs" else ".bin",) if unpacked else None
        sets = [
            RecordingSet(
                name, "split", {"": where_placed(data)}, unpacked,
                "<results>/recordings/split.csv", folders, stored_as, classes=classes,
            )
            for name in (set_names.VALIDATION, set_names.TEST)
        ]  # fmt: skip
    for entry in study.evaluation.sets:
        name, scenes, folders = entry.name, {"": where_placed(entry)}, (entry.folder,)
        table = f"<results>/recordings/{name}.csv"
        sets.append(
            RecordingSet(name, "added", scenes, table=table, folders=folders, classes=classes)
        )
    return {entry.name: entry for entry in sets}


def _simulated_sets(simulation: Simulation) -> list[RecordingSet]:
    check_counts(simulation.symbols)
    changed = simulation.with_scene("mnist-dvs", simulation.validation)
    # Validation shows each symbol once in each scene: it chooses one scale for all scenes.
    sets = [
        _simulated_set(
            set_names.VALIDATION, "simulated", tuple(set_names.TEST_SET_OF), "validation", changed
        )
    ]
    sets += [
        _simulated_set(name, "simulated", (scene,), "test", simulation)
        for scene, name in set_names.TEST_SET_OF.items()
    ]
    if simulation.real_twins:
        table = f"<results>/recordings/{set_names.REAL_TWINS}.csv"
        where = {"saccades": where_placed(simulation.scenes["saccades"])}
        twins = RecordingSet(set_names.REAL_TWINS, "twins", where, table=table, stored_as=(".bin",))
        sets.append(twins)
    for name, changes in simulation.sets.items():
        changed = simulation.with_scene(changes.scene, changes)
        sets.append(_simulated_set(name, "more", (changes.scene,), "test", changed))
    return sets


def _simulated_set(
    name: str,
    kind: Literal["simulated", "more"],
    scenes: tuple[str, ...],
    part: str,
    simulation: Simulation,
) -> RecordingSet:
    where = {scene: where_placed(simulation.scenes[scene]) for scene in scenes}
    return RecordingSet(
        name, kind, where, (f"<results>/recordings/{name}",), f"<results>/recordings/{name}.csv",
        stored_as=tuple(simulation.scenes[scene].suffix for scene in scenes), part=part,
        simulation=simulation.of_scenes(*scenes),
    )  # fmt: skip
