"""The folders of recordings that a study reads, each as one group to check."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dvs_snn.datasets.study_sets import where_placed
from dvs_snn.events.recording import CONVERTING, SUFFIXES
from dvs_snn.files.errors import CONTROL, StudyError
from dvs_snn.plausibility.pictures import UNKNOWN
from dvs_snn.settings.data import UNPLACED
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
        files: the group's only recordings, where it isn't all that its folders hold by digit.
    """

    name: str
    section: str
    folders: Mapping[str, Path]
    where: Mapping[str, Any] | None
    files: tuple[Path, ...] = ()

    def entries(self) -> list[Entry]:
        """List the files.

        Raises:
            StudyError: a folder isn't one of recordings.
        """
        if self.files:
            return [Entry(_loose(path), self.name) for path in self.files]
        return [
            Entry(file, self.name, prefix)
            for prefix, folder in self.folders.items()
            for file in list_folder(folder)
        ]

    def left_out(self) -> list[str]:
        """Return the suffixes of files beside the recordings that no format reads."""
        if self.files:
            return []
        files = (path for folder in self.folders.values() for path in folder.glob("[0-9]/[!.]*"))
        return sorted({path.suffix for path in files if path.is_file()} - {*SUFFIXES})


def bare_folder(folder: Path) -> Group:
    """Return the group of a folder that no settings name."""
    return Group(str(folder), "evaluation.sets", {"": folder}, None)


def _loose(path: Path) -> SourceFile:
    """Return a recording outside a folder by digit; it shows the digit that its folder is called.

    Raises:
        StudyError: its name can't stand in a line of a message.
    """
    _refuse_odd_name(path)
    folder = Path(os.path.realpath(path)).parent.name
    label = int(folder) if re.fullmatch("[0-9]", folder) else UNKNOWN
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
    """Return the recordings of a file, of a folder by digit, or of a folder of files.

    They lie on the network as in the first of the settings that names the folder or one above it.

    Args:
        settings: the whole study's, as :func:`~dvs_snn.settings.study.as_dict` gives them.

    Raises:
        StudyError: there is no such file or folder, or no recording in it.
    """
    _refuse_odd_name(path)
    place = Path(os.path.realpath(path))
    known = (group for group in groups_of(settings) if _holds(group, place))
    group = replace(next(known, bare_folder(path)), name=str(path), folders={"": path})
    if os.path.isfile(path):
        return replace(group, files=(path,))
    if not os.path.isdir(path):
        raise StudyError(f"{path}: no such file or folder; expected a recording, or a folder.")
    if not any(path.glob("[0-9]")):
        files = [file for file in sorted(path.glob("[!.]*")) if file.suffix.lower() in SUFFIXES]
        if not files:
            raise StudyError(
                f"{path}: holds no recording and no folder 0 to 9 of them, expected "
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
    if data["folder"] and data["source"] not in ("simulated", "tutorial"):
        folders = {"": Path(data["folder"])}
        folders |= {"test/": Path(data["test_folder"])} if data["test_folder"] else {}
        groups.append(Group("data", "data", folders, where_placed(data)))
    if simulation["real_twins"] and data["source"] == "simulated":
        where = where_placed(simulation["scenes"]["saccades"])
        folders = {"": Path(simulation["real_twins"])}
        groups.append(Group(REAL_TWINS, "simulation.scenes.saccades", folders, where))
    for number, entry in enumerate(settings["evaluation"]["sets"]):
        folders = {"": Path(entry["folder"])}
        section = f"evaluation.sets.{number}"
        groups.append(Group(f"set {entry['name']}", section, folders, where_placed(entry)))
    return groups


def unplaced(sensor_size: Sequence[int] | None = None, zoom: float = 1.0) -> dict[str, Any]:
    """Return the settings of recordings that no settings place."""
    return {**UNPLACED, "sensor_size": sensor_size, "zoom": zoom}
