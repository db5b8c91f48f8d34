"""All checks of a set of recordings, and the table of them: its quantities beside training's."""

import logging
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from dvs_snn.files.arrays import picked_by_label
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema, write_table
from dvs_snn.recordings.folders.split_table import read_split
from dvs_snn.recordings.placement import counts, placement_of
from dvs_snn.recordings.plausibility import ranges, sensor_checks
from dvs_snn.recordings.plausibility.completeness import completeness
from dvs_snn.recordings.plausibility.finding import Finding, as_yaml
from dvs_snn.recordings.plausibility.look import (
    PER_DIGIT,
    Centre,
    Images,
    ShownFrames,
    centre_of,
    gathered,
    mean_images,
    orientation,
    shifted,
    trained_frames,
)
from dvs_snn.recordings.store.event_store import RecordedSet, SetPlacement, open_sets
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

    @cached_property
    def centre(self) -> Centre | None:
        """Return where the digits lie; None if no frame is known."""
        return centre_of(self.frames.pixels)


def judge(
    rows: pd.DataFrame,
    where: PlacedRecordings,
    step_ms: float,
    training: Training,
    images: Images,
    centre: Centre | None,
    classes: Classes = TEN_DIGITS,
) -> list[Finding]:
    """Return all findings of a set, the gravest first.

    What one cause explains makes one finding. A wrong unit makes every rate and length wrong, so
    neither is checked. Where events are lost or lie in a corner the digits seem small, so no size
    is checked.

    Args:
        rows: of the split table.
        images: the mean image of each class.
        centre: where the digits lie.
    """
    seen = training.seen
    unit = sensor_checks.unit_by_sensor(rows, where.time_unit)
    places = sensor_checks.misplaced(rows, seen, where.sensor_size is not None)
    is_misplaced = any(
        each.check in ("off_centre", "one_byte") or "zoom" in each.remedy for each in places
    )
    of_files = [each for each in completeness(rows) if not (unit and each.check == "length")]
    findings = [unit, *places, *of_files]
    if not is_misplaced:
        findings.append(shifted(centre, training.centre, where.zoom, classes))
        findings.append(sensor_checks.size_on_network(rows, seen, where.zoom, classes))
    findings.append(orientation(len(rows), images, training.images, placement_of(where), classes))
    if not (unit or is_misplaced):
        findings.append(ranges.event_rate(rows, seen, step_ms))
        if not any(finding and finding.is_bad for finding in findings):
            findings += ranges.mostly_beyond(rows, seen)
    if lacks := sorted(set(range(len(classes.names))) - set(rows["label"])):
        findings.append(Finding(classes.words, "told", f"lacks {classes.listed(lacks)}"))
    known = [finding for finding in findings if finding]
    return sorted(known, key=lambda each: (each.verdict != "refused", not each.is_bad))


def check_rows(
    rows: pd.DataFrame, step_ms: float, seen: pd.DataFrame, findings: list[Finding], lacks: str
) -> list[dict[str, Any]]:
    """Return a set's rows of the table of checks, from its `rows` of the split table.

    Checks of quantities come first, then other checks that are always made, the last of them
    `lacks`, on classes that lack; then those that only `findings` have.
    """
    by_check = {finding.check: finding for finding in findings}
    seen = ranges.in_steps(seen, step_ms)
    values = pd.concat([ranges.quantities(rows), ranges.per_step(rows, step_ms)], axis=1)
    units = ranges.QUANTITIES | ranges.PER_STEP
    n_beyond = ranges.beyond(values, seen).sum()
    shown = ["smallest", "median", "largest"]
    levels = values.agg(["min", "median", "max"]).set_axis(shown)
    trained = ranges.levels_of(seen)[shown].round(6).add_prefix("training_")

    table = []
    known = [*values, "time_unit", "sensor_size", "orientation", lacks]
    for check in dict.fromkeys([*known, *by_check]):
        usual = Finding(check, "plausible", "")
        if check in values and n_beyond[check] > ranges.NEARLY_ALL * len(rows):
            sentence = f"{n_beyond[check]} of {len(rows)} recordings lie outside training's range"
            usual = Finding(check, "told", sentence)
        finding = by_check.get(check, usual)
        row: dict[str, Any] = {
            "check": check,
            "n_recordings": len(rows),
            "verdict": finding.verdict,
            "finding": str(finding),
            "remedy": ", ".join(as_yaml(finding.remedy)),
        }
        if check in values:
            row["unit"] = units[check]
            row |= {name: round(level, 6) for name, level in levels[check].items()}
            if len(seen):
                row |= {"n_beyond": int(n_beyond[check]), **trained.loc[check]}
        table.append(row)
    return table


def seen_of(recorded: RecordedSet) -> tuple[Images, Centre | None]:
    """Return the mean image of each class of a stored set, and where its digits lie.

    It looks at some recordings of each class.
    """
    labels = recorded.table["label"].to_numpy()
    places = picked_by_label(labels, PER_DIGIT)
    placed = ((int(labels[place]), recorded[place].placed) for place in places)
    shown = [(label, counts(events.row, events.column)) for label, events in placed]
    return mean_images(shown), centre_of(pixels for _, pixels in shown)


@dataclass(frozen=True)
class CheckedSet(SetPlacement):
    """A set that is checked, and how its files are read and placed (`where`)."""

    where: PlacedRecordings


@dataclass(frozen=True)
class CheckSetsJob:
    """What the rule `check_sets` gives.

    Attributes:
        sets: of a study; split tables `splits`, and stores, stand in the same order.
        facts: table of the training recordings, if the study has one.
        table: that of the checks, which is written.
    """

    sets: list[CheckedSet]
    splits: list[Path]
    events: list[Path]
    tables: list[Path]
    facts: list[Path]
    frames: Path
    index: Path
    step_ms: float
    classes: tuple[str, ...]
    table: Path


def check_sets(job: CheckSetsJob, progress: Progress) -> None:
    """Check the sets of a study; a set's warnings are logged too."""
    training = Training(ranges.read_seen(job.facts), trained_frames(job.frames, job.index))
    classes = Classes(job.classes)
    stores = open_sets(job.events, job.tables, job.sets)
    checks = []
    for of_set, split in zip(job.sets, job.splits, strict=True):
        rows = read_split(split)
        rows = rows[rows["split"] == of_set.name]
        images, centre = seen_of(stores[of_set.name])
        findings = judge(rows, of_set.where, job.step_ms, training, images, centre, classes)
        if bad := [str(finding) for finding in findings if finding.is_bad]:
            _log.warning(f"set {of_set.name}: {'; '.join(bad)}")
        checked = check_rows(rows, job.step_ms, training.seen, findings, classes.words)
        checks += [{"set": of_set.name, **row} for row in checked]
    write_table(pd.DataFrame(checks, columns=list(schema("checks"))), job.table, "checks")
    progress.say(f"{sum(row['verdict'] == 'warning' for row in checks)} warnings")
