"""The sets of recordings that a study evaluates, and the recordings A, B, C that it shows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.folders.folder import list_folder, listing_digest
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.recording import format_modules
from dvs_snn.recordings.store.reading import TUTORIAL, ShownSource
from dvs_snn.settings import set_names
from dvs_snn.settings.data import DIGITS, Data, PlacedRecordings, placement_settings, where_placed
from dvs_snn.settings.recordings_table import RecordingRow
from dvs_snn.settings.simulation_settings import Scene, SceneSettings, Simulation
from dvs_snn.settings.study_settings import Study
from dvs_snn.simulation.drawn_symbols import check_counts

RECORDINGS = "<work>/recordings/"

Kind = Literal["simulated", "more", "twins", "split", "added"]


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
        is_of_quoted: whether only the networks that validation chose read it.
        simulation: what its recordings are simulated by; None if they aren't.
        classes: the study's.
    """

    name: str
    kind: Kind
    settings: Mapping[str, Scene | PlacedRecordings]
    made: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    stored_as: tuple[str, ...] | None = None
    part: str = ""
    is_of_quoted: bool = False
    simulation: SceneSettings | None = None
    classes: tuple[str, ...] = DIGITS

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
    if study.data.source == "simulated":
        sets = _simulated_sets(study.simulation, unpacked)
    elif study.data.source == "tutorial":
        sets = []
    else:
        sets = _split_sets(study.data, unpacked)
    for entry in study.evaluation.sets:
        added = RecordingSet(
            entry.name,
            "added",
            {"": entry},
            folders=(entry.folder,),
            classes=study.data.classes,
        )
        sets.append(added)
    return {entry.name: entry for entry in sets}


def _split_sets(data: Data, unpacked: tuple[str, ...]) -> list[RecordingSet]:
    """Return validation and test of a study whose recordings come as files.

    Training recordings are no set. `unpacked` is as in `study_sets`.
    """
    stored_as = None
    if unpacked:
        stored_as = (".aedat",) if data.source == "mnist-dvs" else (".bin",)
    return [
        RecordingSet(
            name,
            "split",
            {"": data},
            made=unpacked,
            folders=tuple(folder for folder in (data.folder, data.test_folder) if folder),
            stored_as=stored_as,
            classes=data.classes,
        )
        for name in (set_names.VALIDATION, set_names.TEST)
    ]


def _simulated_sets(simulation: Simulation, unpacked: tuple[str, ...]) -> list[RecordingSet]:
    """Return the sets of a simulated study, and its real twins if it has them.

    It unpacks no archive but that of its twins.
    """
    check_counts(simulation.symbols)
    # Validation shows each symbol once in each scene: it chooses one scale for all scenes.
    changed = simulation.with_scene("mnist-dvs", simulation.validation)
    scenes = list(set_names.TEST_SET_OF)
    sets = [_simulated_set(set_names.VALIDATION, "simulated", "validation", changed, scenes)]
    for scene, name in set_names.TEST_SET_OF.items():
        sets.append(_simulated_set(name, "simulated", "test", simulation, [scene]))

    if simulation.real_twins:
        placed = {"saccades": simulation.scenes["saccades"]}
        twins = RecordingSet(set_names.REAL_TWINS, "twins", placed, unpacked, stored_as=(".bin",))
        sets.append(twins)
    for name, changes in simulation.sets.items():
        changed = simulation.with_scene(changes.scene, changes)
        more = _simulated_set(name, "more", "test", changed, [changes.scene])
        sets.append(replace(more, is_of_quoted=changes.networks == "quoted"))
    return sets


def _simulated_set(
    name: str, kind: Kind, part: str, simulation: Simulation, scenes: Sequence[str]
) -> RecordingSet:
    """Return a set that shows the symbols of a part in some scenes."""
    settings = {scene: simulation.scenes_by_name[scene] for scene in scenes}
    return RecordingSet(
        name,
        kind,
        settings,
        made=(RECORDINGS + name,),
        stored_as=tuple(scene.suffix for scene in settings.values()),
        part=part,
        simulation=simulation.of_scenes(*scenes),
    )


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
        binning = [] if self.source.placement else [TUTORIAL]
        return [*self.formats, *binning]


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
    """Return a recording of the table: a file, a simulated one, or a symbol of the set `test`."""
    of_row = placement_settings(row)
    placed = {name: value for name, value in of_row.items() if value is not None}
    size = None
    if row.sensor_width and row.sensor_height:
        size = (row.sensor_width, row.sensor_height)
    source = ShownSource(
        recording=row.recording,
        from_file=True,
        symbol=row.symbol or "",
        label=study.data.classes.index(row.label) if row.label else None,
        sensor_size=size,
        placement=None,
        time_unit=study.data.time_unit,
    )
    if row.archive_member is not None:
        path = f"{RECORDINGS}videos/{row.archive_member}"
        return ShownRecording(source, path, format_modules([".npz"]))
    if row.file is not None:
        source = replace(source, placement=Placement(**placed))
        return ShownRecording(source, row.file, format_modules([Path(row.file).suffix]))
    if study.data.source == "simulated":
        return _simulated(study.simulation, row, source, placed)

    test = sets[set_names.TEST]
    placement = Placement(**(placement_settings(study.data) | placed))
    source = replace(source, from_file=False, placement=placement)
    return ShownRecording(source, test.table, test.formats)


def _simulated(
    simulation: Simulation, row: RecordingRow, source: ShownSource, placed: dict[str, Any]
) -> ShownRecording:
    """Return a recording that the study simulates: a digit on paper."""
    scene = simulation.scenes["paper"]
    symbol = simulated_symbol(row, simulation.symbols.test)
    width, height = scene.sensor_size
    source = replace(
        source,
        symbol=symbol,
        label=int(symbol[0]),
        sensor_size=(width, height),
        placement=Placement(**(placement_settings(scene) | placed)),
    )
    path = f"{RECORDINGS}videos/{row.recording}{scene.suffix}"
    formats = format_modules([scene.suffix])
    return ShownRecording(source, path, formats, data_note="simulated", take=row.seed or 0)


def simulated_symbol(row: RecordingRow, test: Sequence[int]) -> str:
    """Return the symbol of a simulated recording A, B, C; ``3/test-1`` is the first that tests.

    Args:
        test: number of test symbols of each digit; these are the first ones.

    Raises:
        StudyError: no such symbol, or one that trains or validates.
    """
    match = re.fullmatch(r"([0-9])/(?:test-)?([0-9]{1,9})", row.symbol or "")
    digit = int(match[1]) if match else 0
    number = int(match[2]) if match else 0
    if not 1 <= number <= test[digit]:
        raise StudyError(
            f"recording {row.recording}: its symbol is {row.symbol!r}, expected a test symbol, "
            f"<digit>/<number> or <digit>/test-<number>, with a number from 1 to {test[digit]}; "
            "other symbols are for training or validation."
        )
    return f"{digit}/{number:04d}"
