"""The folders of recordings that a study reads, each as one group to check."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dvs_snn.datasets.study_sets import where_placed
from dvs_snn.events.recording import CONVERTING, SUFFIXES
from dvs_snn.files.errors import CONTROL, StudyError
from dvs_snn.plausibility.pictures import UNKNOWN
from dvs_snn.settings.data import DIGITS, TEN_DIGITS, UNPLACED, Classes
from dvs_snn.settings.set_names import REAL_TWINS
from dvs_snn.sources.folder import SourceFile, list_folder
from dvs_snn.sources.listing import Entry


@dataclass(frozen=True)
class Group:
    """Folders whose recordings are read and placed in one way.

    Attributes:
        name: what a report calls it.
        section: where its settings stand.
        folders: of recordings, by the prefix of their names.
        where: sensor size and placement, as in the settings; None: no settings name the folder.
        classes: the study's.
        files: the group's only recordings, where it isn't all that its folders hold by class.
    """

    name: str
    section: str
    folders: Mapping[str, Path]
    where: Mapping[str, Any] | None
    classes: Classes = TEN_DIGITS
    files: tuple[Path, ...] = ()

    def entries(self) -> list[Entry]:
        """List the files.

        Raises:
            StudyError: a folder isn't one of recordings.
        """
        if self.files:
            return [Entry(_loose(path, self.classes), self.name) for path in self.files]
        return [
            Entry(file, self.name, prefix)
            for prefix, folder in self.folders.items()
            for file in list_folder(folder, self.classes.names)
        ]

    def left_out(self) -> list[str]:
        """Return the suffixes of files beside the recordings that no format reads."""
        if self.files:
            return []
        files = (
            path
            for folder in self.folders.values()
            for name in self.classes.names
            for path in (folder / name).glob("[!.]*")
        )
        return sorted({path.suffix for path in files if path.is_file()} - {*SUFFIXES})


def bare_folder(folder: Path, classes: Sequence[str] = DIGITS) -> Group:
    """Return the group of a folder that no settings name."""
    return Group(str(folder), "evaluation.sets", {"": folder}, None, Classes(classes))


def _loose(path: Path, classes: Classes) -> SourceFile:
    """Return a recording outside a folder by class; it shows the class that its folder names.

    Raises:
        StudyError: its name can't stand in a line of a message.
    """
    _refuse_odd_name(path)
    folder = Path(os.path.realpath(path)).parent.name
    names = list(classes.names)
    label = names.index(folder) if folder in names else UNKNOWN
    return SourceFile(path.name, path, label, f"{folder}/{path.stem}")


def _refuse_odd_name(path: Path) -> None:
    if CONTROL.search(str(path)):
        raise StudyError(
            f"{str(path)!a}: has a name with control characters or bytes that aren't text, "
            "expected none; rename it."
        )


def _holds(group: Group, place: Path) -> bool:
    folders = {Path(os.path.realpath(folder)) for folder in group.folders.values()}
    return not folders.isdisjoint([place, *place.parents])


def group_at(path: Path, settings: Mapping[str, Any]) -> Group:
    """Return the recordings of a file, of a folder by class, or of a folder of files.

    They lie on the network as in the first of the settings that names the folder or one above it.

    Args:
        settings: the whole study's, as :func:`~dvs_snn.settings.study.as_dict` gives them.

    Raises:
        StudyError: there is no such file or folder, or no recording in it.
    """
    _refuse_odd_name(path)
    place = Path(os.path.realpath(path))
    known = (group for group in groups_of(settings) if _holds(group, place))
    bare = bare_folder(path, settings["data"]["classes"])
    group = replace(next(known, bare), name=str(path), folders={"": path})
    if os.path.isfile(path):
        return replace(group, files=(path,))
    if not os.path.isdir(path):
        raise StudyError(f"{path}: no such file or folder; expected a recording, or a folder.")
    classes = group.classes
    if not any((path / name).is_dir() for name in classes.names):
        files = [file for file in sorted(path.glob("[!.]*")) if file.suffix.lower() in SUFFIXES]
        if not files:
            raise StudyError(
                f"{path}: holds no recording and no {classes.word} folder, expected one of "
                f"{classes.folders} or "
                f"{', '.join(SUFFIXES)} files ({CONVERTING})."
            )
        return replace(group, files=tuple(files))
    return group


def groups_of(settings: Mapping[str, Any]) -> list[Group]:
    """Return the groups of a study, the recordings that train first.

    Args:
        settings: the whole study's, as :func:`~dvs_snn.settings.study.as_dict` gives them.
    """
    data, simulation, groups = settings["data"], settings["simulation"], []
    classes = Classes(data["classes"])
    if data["folder"] and data["source"] not in ("simulated", "tutorial"):
        folders = {"": Path(data["folder"])}
        folders |= {"test/": Path(data["test_folder"])} if data["test_folder"] else {}
        groups.append(Group("data", "data", folders, where_placed(data), classes))
    if simulation["real_twins"] and data["source"] == "simulated":
        where = where_placed(simulation["scenes"]["saccades"])
        folders = {"": Path(simulation["real_twins"])}
        groups.append(Group(REAL_TWINS, "simulation.scenes.saccades", folders, where))
    for number, entry in enumerate(settings["evaluation"]["sets"]):
        folders = {"": Path(entry["folder"])}
        section = f"evaluation.sets.{number}"
        name, where = f"set {entry['name']}", where_placed(entry)
        groups.append(Group(name, section, folders, where, classes))
    return groups


def unplaced(sensor_size: Sequence[int] | None = None, zoom: float = 1.0) -> dict[str, Any]:
    """Return the settings of recordings that no settings place."""
    return {**UNPLACED, "sensor_size": sensor_size, "zoom": zoom}
