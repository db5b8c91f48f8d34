"""Checks groups of recordings: reads every file, gathers faults, findings and remedies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from dvs_snn.events.placement import counts, place, placement_of
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.plausibility.finding import Finding, is_bad
from dvs_snn.plausibility.judging import Training, judge
from dvs_snn.plausibility.orientations import Images, mean_images
from dvs_snn.plausibility.pictures import spread
from dvs_snn.plausibility.places import fitting_zoom, sensor_size_of
from dvs_snn.plausibility.quantities import seen_in
from dvs_snn.plausibility.survey.groups import Group, unplaced
from dvs_snn.plausibility.time_units import single_files
from dvs_snn.sources.listing import read_entries
from dvs_snn.sources.split_table import open_recording


@dataclass(frozen=True)
class Surveyed:
    """What the check of one group found.

    Attributes:
        rows: of a split table, those of the files that can be read.
        faults: of the others, a sentence each.
        where: how the files were read and placed.
    """

    group: Group
    rows: pd.DataFrame
    faults: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    where: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_plausible(self) -> bool:
        """Whether nothing has to be done."""
        return not self.faults and not any(map(is_bad, self.findings))

    @property
    def remedies(self) -> dict[str, Any]:
        """Settings to change; of a folder that no settings name, all that differ from defaults."""
        found: dict[str, Any] = {}
        if self.group.where is None:
            found = {key: value for key, value in self.where.items() if value != unplaced()[key]}
        # The gravest comes first, and has the last word.
        for finding in reversed(self.findings):
            found |= finding.remedy
        return found


def survey(
    groups: Sequence[Group], training: Training, step_ms: float, progress: Progress
) -> list[Surveyed]:
    """Check groups, one after the other.

    Where no training recordings are known, the recordings of the group `data` are those.

    Args:
        step_ms: length of a time step in milliseconds.
    """
    done = []
    for group in groups:
        done.append(one := survey_group(group, training, step_ms, progress))
        if group.section == "data" and training.seen.empty:
            training = replace(training, seen=seen_in(one.rows))
    return done


def survey_group(group: Group, training: Training, step_ms: float, progress: Progress) -> Surveyed:
    """Check one group; a folder that no settings name is laid on the network as a whole."""
    try:
        entries = group.entries()
    except StudyError as fault:
        return Surveyed(group, pd.DataFrame(), (str(fault),))
    where = dict(group.where or unplaced())
    rows, faults = read_entries(entries, where, progress, group.name)
    if rows and group.where is None:
        size = sensor_size_of(pd.DataFrame(rows))
        where = unplaced(size, fitting_zoom(size))
        is_told = [row["size_told"] for row in rows]
        rows, faults = read_entries(entries, where, progress, group.name)
        rows = [row | {"size_told": one} for row, one in zip(rows, is_told, strict=True)]
    table, told = pd.DataFrame(rows), [str(fault) for fault in faults]
    if len(table):
        single = single_files(table, where)
        table, told = table[~table["recording"].isin(single)], told + list(single.values())
    if table.empty:
        return Surveyed(group, table, tuple(told), (), where)
    findings = judge(table, where, step_ms, training, group_images(table, where), group.classes)
    if group.files:
        # Files by themselves are no set, which would have all classes.
        findings = [finding for finding in findings if finding.check != group.classes.words]
    return Surveyed(group, table, tuple(told), tuple(findings), where)


def group_images(rows: pd.DataFrame, where: Mapping[str, Any]) -> Images:
    """Return the mean image of each class, from some recordings of each."""
    placement = placement_of(where)

    def pixels_of(row: Any) -> Any:
        placed = place(open_recording(row), placement)
        return counts(placed.row, placed.column)

    some = rows.iloc[spread(rows["label"].to_numpy())]
    return mean_images((row.label, pixels_of(row)) for row in some.itertuples())
