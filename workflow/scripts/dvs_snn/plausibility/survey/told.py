"""What the check of folders says: faults, findings, and settings to paste."""

import re
from collections.abc import Sequence

import yaml

from dvs_snn.files.errors import listed
from dvs_snn.plausibility.finding import (
    as_yaml,
    count_words,
    seconds_words,
    size_words,
)
from dvs_snn.plausibility.places import sensor_size_of
from dvs_snn.plausibility.survey.folders import Surveyed

VERDICTS = {"refused": "fault", "warning": "warning", "told": "note", "not checked": "note"}


def report_of(surveyed: Sequence[Surveyed]) -> str:
    """Return the whole report on groups of recordings, and its last line, the verdict."""
    lines = [line for one in surveyed for line in [*_group_lines(one), ""]]
    n = sum(len(one.rows) + len(one.faults) for one in surveyed)
    odd = [one.group.name for one in surveyed if not one.is_plausible]
    verdict = f"look at {listed(odd)}" if odd else "nothing to change"
    return "\n".join([*lines, f"{n} recordings checked: {verdict}"])


def _group_lines(one: Surveyed) -> list[str]:
    lines = [f"{one.group.name}: {_summary(one)}"]
    lines += [f"  fault: {fault}" for fault in one.faults]
    lines += [f"  {VERDICTS[finding.verdict]}: {finding}" for finding in one.findings]
    if suffixes := one.group.left_out():
        lines.append(f"  note: files that no format reads are left out: {listed(suffixes)}")
    if one.remedies:
        lines += [f"  to paste under {one.group.section}:"]
        lines += [f"    {line}" for line in pasted(one)]
    return lines


def pasted(one: Surveyed) -> list[str]:
    """Return the lines of settings that mend a group; of files those of their section alone."""
    if one.group.where is not None or one.group.files:
        return as_yaml(one.remedies)
    (folder,) = one.group.folders.values()
    name = re.sub(r"[^A-Za-z0-9._-]", "-", folder.resolve().name)
    entry = {"name": name, "folder": str(folder), **one.remedies}
    line = yaml.safe_dump(entry, default_flow_style=True, sort_keys=False, width=10_000)
    return [f"- {line.strip()}"]


def _summary(one: Surveyed) -> str:
    rows = one.rows
    if rows.empty:
        return "no recording can be read"
    shown = one.group.classes.listed(sorted(set(rows["label"])))
    return (
        f"{len(rows)} recordings of {shown}, {size_words(sensor_size_of(rows))} pixels; the median "
        "recording lasts "
        f"{seconds_words(float(rows['duration_s'].median()))} and has "
        f"{count_words(float(rows['n_events'].median()))} events"
    )
