"""The sets of recordings that a study evaluates, and the recordings A, B, C that it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from dvs_snn.recordings.folders.folder import list_folder, listing_digest
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.recording import format_modules
from dvs_snn.recordings.store.reading import TUTORIAL, ShownSource
from dvs_snn.settings import set_names
from dvs_snn.settings.data import DIGITS, PlacedRecordings, placement_settings, where_placed
from dvs_snn.settings.recordings import RecordingRow, simulated_symbol
from dvs_snn.settings.simulation import Scene, SceneSettings, Simulation
from dvs_snn.settings.study import Study
from dvs_snn.simulation.symbols import check_counts

RECORDINGS = "<work>/recordings/"


@dataclass(frozen=True)
class RecordingSet:
    """One set of recordings.

    Paths are as rules write them: `<work>` is the folder of the study's intermediate files.

    Attributes:
        kind: `simulated`; `more`, simulated too, from `simulation.sets`; `twins`, real recordings
            of the test symbols; `split`, a part of the study's own recordings; `added`, from
            `evaluation.sets`.
        settings: by scene the section that places its recordings; "" for those not simulated.
        made: the folders into which the study simulates or unpacks its recordings.
        folders: the user's folders that hold its recordings, perhaps beside those of other sets.
        stored_as: suffixes of its files; None: look into `folders`.
        part: the part whose symbols a simulated set shows, `validation` or `test`.
        simulation: what its recordings are simulated by; None if they aren't.
        classes: the study's.
    """

    name: str
    kind: Literal["simulated", "more", "twins", "split", "added"]
    settings: Mapping[str, Scene | PlacedRecordings]
    made: tuple[str, ...] = ()
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
        return {scene: placement_settings(section) for scene, section in self.settings.items()}

    @property
    def where(self) -> dict[str, Any]:
        """How its files are read and placed; of several scenes the first."""
        return where_placed(next(iter(self.settings.values())))

    @property
    def table(self) -> str:
        """The split table that lists it."""
        return f"{RECORDINGS}{'split' if self.kind == 'split' else self.name}.csv"

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
        about = {"": data}, unpacked, folders, stored_as
        names = set_names.VALIDATION, set_names.TEST
        sets = [RecordingSet(name, "split", *about, classes=classes) for name in names]
    for entry in study.evaluation.sets:
        about = {"": entry}, (), (entry.folder,)
        sets.append(RecordingSet(entry.name, "added", *about, classes=classes))
    return {entry.name: entry for entry in sets}


def _simulated_sets(simulation: Simulation) -> list[RecordingSet]:
    check_counts(simulation.symbols)
    sets: list[RecordingSet] = []

    def simulate(kind: str, name: str, part: str, changed: Simulation, *names: str) -> None:
        scenes, made = {scene: changed.scenes[scene] for scene in names}, (RECORDINGS + name,)
        suffixes = tuple(scene.suffix for scene in scenes.values())
        about = scenes, made, (), suffixes, part, changed.of_scenes(*names)
        sets.append(RecordingSet(name, kind, *about))

    # Validation shows each symbol once in each scene: it chooses one scale for all scenes.
    changed = simulation.with_scene("mnist-dvs", simulation.validation)
    simulate("simulated", set_names.VALIDATION, "validation", changed, *set_names.TEST_SET_OF)
    for scene, name in set_names.TEST_SET_OF.items():
        simulate("simulated", name, "test", simulation, scene)
    if simulation.real_twins:
        where = {"saccades": simulation.scenes["saccades"]}
        sets.append(RecordingSet(set_names.REAL_TWINS, "twins", where, stored_as=(".bin",)))
    for name, changes in simulation.sets.items():
        changed = simulation.with_scene(changes.scene, changes)
        simulate("more", name, "test", changed, changes.scene)
    return sets


@dataclass(frozen=True)
class ShownRecording:
    """One recording A, B, C.

    Attributes:
        source: what the job that reads it is told.
        path: its file, or the split table that lists its symbol; `<work>` as in a set.
        formats: the modules of the formats that it may be stored in.
        data_note: what the page says of its data; it may be empty.
        take: number of the simulated take of its symbol.
    """

    source: ShownSource
    path: str
    formats: Sequence[str]
    data_note: str = ""
    take: int = 0

    @property
    def readers(self) -> list[str]:
        """The formats, and for the tutorial's own videos the module that bins as it does."""
        return [*self.formats, *([] if self.source.placement else [TUTORIAL])]


def study_recordings(
    study: Study, rows: Sequence[RecordingRow], sets: Mapping[str, RecordingSet]
) -> dict[str, ShownRecording]:
    """Return the recordings of the recordings table, by name.

    Args:
        sets: the study's sets; a symbol is shown by a recording of the set `test`.

    Raises:
        StudyError: a simulated recording shows no test symbol.
    """
    return {row.recording: _shown(study, row, sets) for row in rows}


def _shown(study: Study, row: RecordingRow, sets: Mapping[str, RecordingSet]) -> ShownRecording:
    path, formats, note = row.file, None, ""
    symbol, label = row.symbol or "", study.data.classes.index(row.label) if row.label else None
    size = (row.sensor_width, row.sensor_height) if row.sensor_width else None
    placed = {name: value for name, value in placement_settings(row).items() if value is not None}
    if row.archive_member is not None:
        path = f"{RECORDINGS}videos/{row.archive_member}"
    elif row.file is None and study.data.source == "simulated":
        scene, note = study.simulation.scenes["paper"], "simulated"
        symbol, size = simulated_symbol(row, study.simulation.symbols.test), scene.sensor_size
        label, placed = int(symbol[0]), placement_settings(scene) | placed
        path = f"{RECORDINGS}videos/{row.recording}{scene.suffix}"
    elif row.file is None:
        test, placed = sets[set_names.TEST], placement_settings(study.data) | placed
        path, formats = test.table, test.formats
    placement = Placement(**placed) if row.archive_member is None else None
    about = row.recording, formats is None, symbol, label
    source = ShownSource(*about, size, placement, study.data.time_unit)
    formats = formats or format_modules([Path(path).suffix])
    return ShownRecording(source, path, formats, note, row.seed or 0)
