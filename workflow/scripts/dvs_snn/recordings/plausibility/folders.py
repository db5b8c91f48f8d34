"""Folders of recordings before anything is trained: all faults at once, with remedies."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from dvs_snn.files.errors import StudyError, listed
from dvs_snn.files.job import Progress
from dvs_snn.recordings.folders.folder import SourceFile, list_folder
from dvs_snn.recordings.folders.splitting import read_files
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.plausibility import sensor_checks
from dvs_snn.recordings.plausibility.finding import (
    Finding,
    as_yaml,
    count_words,
    seconds_words,
    some_words,
)
from dvs_snn.recordings.plausibility.look import ShownFrames, look_at
from dvs_snn.settings.data import DIGITS, TEN_DIGITS, Classes, PlacedRecordings, where_placed
from dvs_snn.settings.set_names import REAL_TWINS
from dvs_snn.settings.study_settings import Study

UNPLACED = PlacedRecordings()


@dataclass(frozen=True)
class Group:
    """Folders whose recordings are read and placed in one way.

    Attributes:
        section: of the settings, under which the folders stand.
        folders: of recordings, by the prefix of their names.
        where: how the section says that the files are read and placed; None: no settings name
            the folder.
    """

    name: str
    section: str
    folders: Mapping[str, Path]
    where: PlacedRecordings | None
    classes: Classes = TEN_DIGITS


def bare_folder(folder: Path, classes: Sequence[str] = DIGITS) -> Group:
    """Return the group of a folder that no settings name."""
    return Group(str(folder), "evaluation.sets", {"": folder}, None, Classes(classes))


def groups_of(study: Study) -> list[Group]:
    """Return the groups of a whole study's settings, the recordings that train first."""
    data = study.data
    simulation = study.simulation
    groups = []

    def add(name: str, section: str, settings: Any, folders: Mapping[str, str | None]) -> None:
        paths = {prefix: Path(folder) for prefix, folder in folders.items() if folder}
        where = PlacedRecordings(**where_placed(settings))
        groups.append(Group(name, section, paths, where, Classes(data.classes)))

    if data.folder and data.source not in ("simulated", "tutorial"):
        add("data", "data", data, {"": data.folder, "test/": data.test_folder})
    if data.source == "simulated" and simulation.twins_folder:
        saccades = simulation.scenes["saccades"]
        add(REAL_TWINS, "simulation.scenes.saccades", saccades, {"": simulation.twins_folder})
    for number, entry in enumerate(study.evaluation.sets):
        section = f"evaluation.sets.{number}"
        add(f"set {entry.name}", section, entry, {"": entry.folder})
    return groups


@dataclass(frozen=True)
class Surveyed:
    """What the check of one group found, and how its files were read and placed (`where`).

    Attributes:
        rows: of a split table, of the files that can be read.
        findings: a file that can't be read is one.
        shown: frames of the recordings; None if none can be read.
    """

    group: Group
    rows: pd.DataFrame
    findings: Sequence[Finding]
    where: PlacedRecordings = UNPLACED
    shown: ShownFrames | None = None
    n_unread: int = 0

    @property
    def is_plausible(self) -> bool:
        """Whether nothing has to be done."""
        return not any(finding.is_bad for finding in self.findings)

    @property
    def remedies(self) -> dict[str, Any]:
        """Settings to change; without settings, all that differ from the defaults."""
        changes = {}
        if self.group.where is None:
            defaults = where_placed(UNPLACED)
            settings = where_placed(self.where).items()
            changes = {key: value for key, value in settings if value != defaults[key]}
        # The gravest comes first, and has the last word.
        for finding in reversed(self.findings):
            changes |= finding.remedy
        return changes

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
        classes = self.group.classes.listed(sorted(set(rows["label"])))
        width, height = sensor_checks.sensor_size_of(rows)
        seconds, n = rows[["duration_s", "n_events"]].median()
        return (
            f"{len(rows)} recordings of {classes}, {width}x{height} pixels; the median recording "
            f"lasts {seconds_words(seconds)} and has {count_words(n)} events"
        )


def survey(group: Group, study: Study, progress: Progress) -> Surveyed:
    """Read and check the recordings of a group.

    For a folder that no settings name the zoom is guessed: the whole sensor fits the network.
    """
    files: list[SourceFile] = []
    try:
        for prefix, folder in group.folders.items():
            files += list_folder(folder, group.classes.names, prefix)
    except StudyError as fault:
        return Surveyed(group, pd.DataFrame(), [Finding("refused", str(fault))])

    def read(where: PlacedRecordings) -> tuple[pd.DataFrame, list[StudyError]]:
        return read_files(files, where, progress, group.name)

    where = group.where or UNPLACED
    rows, faults = read(where)
    if len(rows) and group.where is None:
        size = sensor_checks.sensor_size_of(rows)
        where = replace(where, sensor_size=tuple(size), zoom=sensor_checks.fitting_zoom(size))
        rows, faults = read(where)
    findings = grouped(faults)
    if rows.empty:
        return Surveyed(group, rows, findings, n_unread=len(faults))

    findings += judged(rows, where, group.classes)
    shown = look_at(rows, placement_of(where), study.frames, progress)
    return Surveyed(group, rows, findings, where, shown, len(faults))


def judged(rows: pd.DataFrame, where: PlacedRecordings, classes: Classes) -> list[Finding]:
    """Return what is wrong with a group that can be read, the gravest first."""
    findings = [
        sensor_checks.unit_by_sensor(rows, where.time_unit),
        sensor_checks.outside(rows),
        None if where.sensor_size else sensor_checks.unstated_size(rows),
    ]
    if lacks := sorted(set(range(len(classes.names))) - set(rows["label"])):
        findings.append(Finding("told", f"lacks {classes.listed(lacks)}"))
    known = [finding for finding in findings if finding]
    return sorted(known, key=lambda each: (each.verdict != "refused", not each.is_bad))


def grouped(faults: Iterable[StudyError]) -> list[Finding]:
    """Return a finding for each kind of fault: those whose sentences differ in numbers alone."""
    kinds: dict[str, list[str]] = {}
    for fault in map(str, faults):
        kind = re.sub(r"'[^']*'|\"[^\"]*\"|[\d.,]+(?:e-?\d+)?", "", fault.partition(": ")[2])
        kinds.setdefault(kind, []).append(fault)
    findings = []
    for first, *more in kinds.values():
        names = ["/".join(Path(fault.partition(": ")[0]).parts[-2:]) for fault in more]
        also = f"; so have {len(names)} others: {some_words(names)}" if names else ""
        findings.append(Finding("refused", first + also))
    return findings


def report_of(surveyed: Sequence[Surveyed]) -> str:
    """Return the whole report on groups of recordings, and its last line, the verdict."""
    lines = []
    for checked in surveyed:
        lines.append(f"{checked.group.name}: {checked.summary}")
        lines += [f"  {finding.kind}: {finding}" for finding in checked.findings]
        if checked.remedies:
            lines.append(f"  to paste under {checked.group.section}:")
            lines += [f"    {line}" for line in checked.pasted]
        lines.append("")
    n = sum(len(checked.rows) + checked.n_unread for checked in surveyed)
    odd = [checked.group.name for checked in surveyed if not checked.is_plausible]
    verdict = f"look at {listed(odd)}" if odd else "nothing to change"
    return "\n".join([*lines, f"{n} recordings checked: {verdict}"])
