"""Folders of recordings before anything is trained: all faults at once, with remedies."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from dvs_snn.datasets.study_sets import where_placed
from dvs_snn.files.errors import StudyError, listed
from dvs_snn.files.job import Progress
from dvs_snn.plausibility.checks import Training, judge
from dvs_snn.plausibility.finding import Finding, as_yaml, count_words, is_bad, seconds_words
from dvs_snn.plausibility.look import Look, hot, look_at
from dvs_snn.plausibility.places import fitting_zoom, sensor_size_of
from dvs_snn.plausibility.ranges import seen_in
from dvs_snn.settings.data import DIGITS, TEN_DIGITS, UNPLACED, Classes
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.set_names import REAL_TWINS
from dvs_snn.sources.folder import list_folder
from dvs_snn.sources.listing import Entry, read_entries

VERDICTS = {"refused": "fault", "warning": "warning", "told": "note", "not checked": "note"}


@dataclass(frozen=True)
class Group:
    """Folders whose recordings are read and placed in one way.

    Attributes:
        section: of the settings that has that way.
        folders: of recordings, by the prefix of their names.
        where: sensor size and placement, as in the settings; None: no settings name the folder.
    """

    name: str
    section: str
    folders: Mapping[str, Path]
    where: Mapping[str, Any] | None
    classes: Classes = TEN_DIGITS


def bare_folder(folder: Path, classes: Sequence[str] = DIGITS) -> Group:
    """Return the group of a folder that no settings name."""
    return Group(str(folder), "evaluation.sets", {"": folder}, None, Classes(classes))


def groups_of(settings: Mapping[str, Any]) -> list[Group]:
    """Return the groups of a whole study's settings, the recordings that train first."""
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
        name, folders = f"set {entry['name']}", {"": Path(entry["folder"])}
        section = f"evaluation.sets.{number}"
        groups.append(Group(name, section, folders, where_placed(entry), classes))
    return groups


@dataclass(frozen=True)
class Surveyed:
    """What the check of one group found.

    Attributes:
        rows: of a split table, those of the files that can be read.
        faults: of the others, a sentence each.
        where: how the files were read and placed.
        look: what the recordings hold; None if none can be read.
    """

    group: Group
    rows: pd.DataFrame
    faults: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    look: Look | None = None

    @property
    def is_plausible(self) -> bool:
        """Whether nothing has to be done."""
        return not self.faults and not any(map(is_bad, self.findings))

    @property
    def remedies(self) -> dict[str, Any]:
        """Settings to change; of a folder that no settings name, all that differ from defaults."""
        found: dict[str, Any] = {}
        if self.group.where is None:
            found = {key: value for key, value in self.where.items() if value != UNPLACED[key]}
        # The gravest comes first, and has the last word.
        for finding in reversed(self.findings):
            found |= finding.remedy
        return found

    @property
    def pasted(self) -> list[str]:
        """The lines of settings that mend the group."""
        if self.group.where is not None or not self.remedies:
            return as_yaml(self.remedies)
        folder = self.group.folders[""]
        name = re.sub(r"[^A-Za-z0-9._-]", "-", folder.resolve().name)
        entry = {"name": name, "folder": str(folder), **self.remedies}
        line = yaml.safe_dump(entry, default_flow_style=True, sort_keys=False, width=10_000)
        return [f"- {line.strip()}"]

    @property
    def summary(self) -> str:
        """What the recordings are, in one line."""
        rows = self.rows
        if rows.empty:
            return "no recording can be read"
        shown = self.group.classes.listed(sorted(set(rows["label"])))
        width, height = sensor_size_of(rows)
        return (
            f"{len(rows)} recordings of {shown}, {width}x{height} pixels; the median recording "
            f"lasts {seconds_words(float(rows['duration_s'].median()))} and has "
            f"{count_words(float(rows['n_events'].median()))} events"
        )

    @property
    def sentences(self) -> list[tuple[str, str]]:
        """All that is told of the group: `fault`, `warning` or `note`, and a sentence."""
        found = [("fault", fault) for fault in self.faults]
        return found + [(VERDICTS[finding.verdict], str(finding)) for finding in self.findings]


def survey(
    groups: Sequence[Group], training: Training, settings: Mapping[str, Any], progress: Progress
) -> list[Surveyed]:
    """Check groups, one after the other, by a whole study's settings.

    Where no training recordings are known, the recordings of the group `data` are those.
    """
    done = []
    for group in groups:
        done.append(one := _survey_group(group, training, settings, progress))
        if group.section == "data" and training.seen.empty:
            training = replace(training, seen=seen_in(one.rows))
    return done


def _survey_group(
    group: Group, training: Training, settings: Mapping[str, Any], progress: Progress
) -> Surveyed:
    """Check one group; a folder that no settings name is laid on the network as a whole."""
    try:
        entries = [
            Entry(file, group.name, prefix)
            for prefix, folder in group.folders.items()
            for file in list_folder(folder, group.classes.names)
        ]
    except StudyError as fault:
        return Surveyed(group, pd.DataFrame(), (str(fault),))
    where = dict(group.where or UNPLACED)
    rows, faults = read_entries(entries, where, progress, group.name)
    if rows and group.where is None:
        size = sensor_size_of(pd.DataFrame(rows))
        where |= {"sensor_size": size, "zoom": fitting_zoom(size)}
        is_told = [row["size_told"] for row in rows]
        rows, faults = read_entries(entries, where, progress, group.name)
        rows = [row | {"size_told": one} for row, one in zip(rows, is_told, strict=True)]
    table, told = pd.DataFrame(rows), tuple(map(str, faults))
    if table.empty:
        return Surveyed(group, table, told)
    look = look_at(table, where, FrameRule(**settings["frames"]), progress)
    step_ms = settings["inference"]["step_ms"]
    findings = judge(table, where, step_ms, training, look.images, group.classes)
    findings += filter(None, [hot(look.pixels)])
    return Surveyed(group, table, told, tuple(findings), where, look)


def report_of(surveyed: Sequence[Surveyed]) -> str:
    """Return the whole report on groups of recordings, and its last line, the verdict."""
    lines = []
    for one in surveyed:
        lines.append(f"{one.group.name}: {one.summary}")
        lines += [f"  {kind}: {sentence}" for kind, sentence in one.sentences]
        if one.remedies:
            lines.append(f"  to paste under {one.group.section}:")
            lines += [f"    {line}" for line in one.pasted]
        lines.append("")
    n = sum(len(one.rows) + len(one.faults) for one in surveyed)
    odd = [one.group.name for one in surveyed if not one.is_plausible]
    verdict = f"look at {listed(odd)}" if odd else "nothing to change"
    return "\n".join([*lines, f"{n} recordings checked: {verdict}"])
