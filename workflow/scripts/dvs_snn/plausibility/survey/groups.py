"""The folders of recordings that a study reads, each as one group to check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvs_snn.datasets.study_sets import where_placed
from dvs_snn.events.recording import SUFFIXES
from dvs_snn.settings.data import DIGITS, TEN_DIGITS, UNPLACED, Classes
from dvs_snn.settings.set_names import REAL_TWINS
from dvs_snn.sources.folder import list_folder
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
    """

    name: str
    section: str
    folders: Mapping[str, Path]
    where: Mapping[str, Any] | None
    classes: Classes = TEN_DIGITS

    def entries(self) -> list[Entry]:
        """List the files.

        Raises:
            StudyError: a folder isn't one of recordings.
        """
        return [
            Entry(file, self.name, prefix)
            for prefix, folder in self.folders.items()
            for file in list_folder(folder, self.classes.names)
        ]

    def left_out(self) -> list[str]:
        """Return the suffixes of files beside the recordings that no format reads."""
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
