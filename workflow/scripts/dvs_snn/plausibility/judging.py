"""All checks of a set of recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from dvs_snn.plausibility import places
from dvs_snn.plausibility.finding import Finding, is_bad, lacking
from dvs_snn.plausibility.orientations import Images, orientation
from dvs_snn.plausibility.quantities import quantities, seen_in
from dvs_snn.plausibility.ranges import event_rate
from dvs_snn.plausibility.time_units import unit_by_sensor, unit_by_training
from dvs_snn.settings.data import TEN_DIGITS, Classes


@dataclass(frozen=True)
class Training:
    """What trained a network, as far as it is known.

    Attributes:
        seen: its quantities, as `quantities.seen_in` returns them.
        images: the mean image of each class.
    """

    seen: pd.DataFrame = field(default_factory=lambda: seen_in(None))
    images: Images = field(default_factory=dict)


def judge(
    rows: pd.DataFrame,
    where: Mapping[str, Any],
    step_ms: float,
    training: Training,
    images: Images,
    classes: Classes = TEN_DIGITS,
) -> list[Finding]:
    """Return all findings of a set, the gravest first.

    What one cause explains isn't told again: with a wrong unit every rate is wrong, and where
    events are lost or in a corner the digits seem small.

    Args:
        rows: of a split table, those of the set.
        where: how the set's files are read and placed, as in the settings.
        images: the mean image of each of the set's classes.
        classes: the study's.
    """
    seen, found = training.seen, quantities(rows)
    unit = unit_by_sensor(rows, where) or unit_by_training(found, seen, where)
    place = places.outside(rows, seen), places.sensor_size(rows, classes)
    findings = [unit, *place]
    is_misplaced = any(finding and "zoom" in finding.remedy for finding in place)
    if not is_misplaced:
        findings.append(places.size_on_network(found, seen, where, classes))
    findings.append(orientation(len(rows), images, training.images, where, classes))
    if not (unit or is_misplaced):
        findings.append(event_rate(rows, seen, step_ms))
    findings.append(lacking_classes(rows, classes))
    known = [finding for finding in findings if finding]
    return sorted(known, key=lambda one: (one.verdict != "refused", not is_bad(one)))


def lacking_classes(rows: pd.DataFrame, classes: Classes) -> Finding | None:
    """Tell which classes a set lacks."""
    labels = lacking(rows["label"], len(classes.names))
    return Finding(classes.words, "told", f"lacks {classes.listed(labels)}") if labels else None


def warning_of(name: str, findings: Sequence[Finding]) -> str:
    """Return the one warning of a set; empty without one."""
    bad = [f"{finding}" for finding in findings if is_bad(finding)]
    return f"{name}: {'; '.join(bad)}" if bad else ""
