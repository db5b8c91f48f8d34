"""All checks of a set of recordings, and the table of them: its quantities beside training's."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from dvs_snn.files.arrays import picked_by_label
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema, write_table
from dvs_snn.recordings.folders.split_table import read_split
from dvs_snn.recordings.placement import Placement, counts, placement_of
from dvs_snn.recordings.plausibility import ranges, sensor
from dvs_snn.recordings.plausibility.completeness import completeness
from dvs_snn.recordings.plausibility.finding import Finding, as_yaml
from dvs_snn.recordings.plausibility.look import (
    PER_DIGIT,
    Images,
    ShownFrames,
    gathered,
    mean_images,
    orientation,
    trained_frames,
)
from dvs_snn.recordings.store.event_store import RecordedSet, open_store
from dvs_snn.settings.data import TEN_DIGITS, Classes, PlacedRecordings

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Training:
    """What is known of a network's training: quantities as of `ranges.seen_in`, some frames."""

    seen: pd.DataFrame = field(default_factory=lambda: ranges.seen_in(None))
    frames: ShownFrames = field(default_factory=lambda: gathered([], 1))
    is_simulated: bool = False

    @cached_property
    def images(self) -> Images:
        """Return the mean image of each class."""
        return mean_images(zip(self.frames.labels.tolist(), self.frames.pixels, strict=True))


def judge(
    rows: pd.DataFrame,
    where: PlacedRecordings,
    step_ms: float,
    training: Training,
    images: Images,
    classes: Classes = TEN_DIGITS,
) -> list[Finding]:
    """Return all findings of a set, the gravest first.

    What one cause explains isn't told again: with a wrong unit every rate is wrong, and where
    events are lost or in a corner the digits seem small. `images` are the mean ones of the classes.
    """
    seen, unit = training.seen, sensor.unit_by_sensor(rows, where.time_unit)
    place = [sensor.outside(rows, seen), sensor.sensor_size(rows, where.sensor_size is not None)]
    is_misplaced = any(finding and "zoom" in finding.remedy for finding in place)
    if shift := sensor.off_centre(rows):
        place, is_misplaced = [shift], True
    findings = [unit, *place, *completeness(rows)]
    if not is_misplaced:
        findings.append(sensor.size_on_network(rows, seen, where.zoom, classes))
    findings.append(orientation(len(rows), images, training.images, placement_of(where), classes))
    if not (unit or is_misplaced):
        findings.append(ranges.event_rate(rows, seen, step_ms))
    if lacks := sorted(set(range(len(classes.names))) - set(rows["label"])):
        findings.append(Finding(classes.words, "told", f"lacks {classes.listed(lacks)}"))
    known = [finding for finding in findings if finding]
    return sorted(known, key=lambda each: (each.verdict != "refused", not each.is_bad))


def check_rows(
    rows: pd.DataFrame, step_ms: float, seen: pd.DataFrame, findings: list[Finding], lacks: str
) -> list[dict[str, Any]]:
    """Return the table's rows of a set: quantities, then checks without, then others that found."""
    by_check = {finding.check: finding for finding in findings}
    seen = ranges.in_steps(seen, step_ms)
    values = pd.concat([ranges.quantities(rows), ranges.per_step(rows, step_ms)], axis=1)
    levels = values.agg(["min", "median", "max"])
    n_beyond = ranges.beyond(values, seen).sum()
    seen_levels = ranges.levels_of(seen)[["smallest", "median", "largest"]]
    table = []
    known = [*values, "time_unit", "sensor_size", "orientation", lacks]
    for check in dict.fromkeys([*known, *by_check]):
        row: dict[str, Any] = {"check": check, "n_recordings": len(rows)}
        if check in values:
            rounded = (round(level, 6) for level in levels[check])
            row |= dict(zip(("smallest", "median", "largest"), rounded, strict=True))
            row["unit"] = (ranges.QUANTITIES | ranges.PER_STEP)[check]
            if len(seen):
                trained = seen_levels.loc[check].add_prefix("training_")
                row |= dict(trained.round(6)) | {"n_beyond": int(n_beyond[check])}
        finding = by_check.get(check, Finding(check, "plausible", ""))
        row |= {"verdict": finding.verdict, "finding": str(finding)}
        table.append(row | {"remedy": ", ".join(as_yaml(finding.remedy))})
    return table


def set_images(recorded: RecordedSet) -> Images:
    """Return the mean image of each class of a stored set, from some recordings of each class."""
    places = picked_by_label(recorded.table["label"].to_numpy(), PER_DIGIT)
    shown = [recorded[place] for place in places]
    placed = ((recording.label, recording.placed) for recording in shown)
    return mean_images((label, counts(events.row, events.column)) for label, events in placed)


def check_sets(
    splits: Sequence[Path],
    events: Sequence[Path],
    tables: Sequence[Path],
    facts: Sequence[Path],
    frames: Path,
    index: Path,
    sets: Sequence[str],
    where: Sequence[PlacedRecordings],
    placements: Sequence[Mapping[str, Placement]],
    step_ms: float,
    classes: Sequence[str],
    table: Path,
    progress: Progress,
) -> None:
    """Write ``checks.csv`` of a study's sets (rule check_sets); a set's warning is logged too.

    Args:
        splits, events, tables: of each of the `sets`, its split table and its store.
        facts: table of the training recordings, if the study has one.
        where, placements: of each set, how its files are read, and placed by scene.
    """
    training = Training(ranges.read_seen(facts), trained_frames(frames, index))
    called, checks = Classes(classes), []
    stores = map(open_store, events, tables, placements)
    for name, split, store, read_as in zip(sets, splits, stores, where, strict=True):
        rows = read_split(split).query("split == @name")
        findings = judge(rows, read_as, step_ms, training, set_images(store), called)
        if bad := [str(finding) for finding in findings if finding.is_bad]:
            _log.warning(f"set {name}: {'; '.join(bad)}")
        checked = check_rows(rows, step_ms, training.seen, findings, called.words)
        checks += [{"set": name} | row for row in checked]
    write_table(pd.DataFrame(checks, columns=schema("checks")), table, "checks")
    progress.say(f"{sum(row['verdict'] == 'warning' for row in checks)} warnings")
