"""All checks of a set of recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from dvs_snn.plausibility import places
from dvs_snn.plausibility.finding import Finding, is_bad, lacking, listed
from dvs_snn.plausibility.orientations import Images, orientation
from dvs_snn.plausibility.quantities import quantities, seen_in
from dvs_snn.plausibility.ranges import event_rate
from dvs_snn.plausibility.time_units import unit_by_sensor, unit_by_training


@dataclass(frozen=True)
class Training:
    """What trained a network, as far as it is known.

    Attributes:
        seen: its quantities, as `quantities.seen_in` returns them.
        images: the mean image of each digit.
    """

    seen: pd.DataFrame = field(default_factory=lambda: seen_in(None))
    images: Images = field(default_factory=dict)


def judge(
    rows: pd.DataFrame,
    where: Mapping[str, Any],
    step_ms: float,
    training: Training,
    images: Images,
) -> list[Finding]:
    """Return all findings of a set, the gravest first.

    What one cause explains isn't told again: with a wrong unit every rate is wrong, and where
    events are lost or in a corner the digits seem small.

    Args:
        rows: of a split table, those of the set.
        where: how the set's files are read and placed, as in the settings.
        images: the mean image of each of the set's digits.
    """
    seen, found = training.seen, quantities(rows)
    unit = unit_by_sensor(rows, where) or unit_by_training(found, seen, where)
    place = places.outside(rows, seen), places.sensor_size(rows)
    findings = [unit, *place]
    is_misplaced = any(finding and "zoom" in finding.remedy for finding in place)
    if not is_misplaced:
        findings.append(places.digit_size(found, seen, where))
    findings.append(orientation(len(rows), images, training.images, where))
    if not (unit or is_misplaced):
        findings.append(event_rate(rows, seen, step_ms))
    findings.append(lacking_digits(rows))
    known = [finding for finding in findings if finding]
    return sorted(known, key=lambda one: (one.verdict != "refused", not is_bad(one)))


def lacking_digits(rows: pd.DataFrame) -> Finding | None:
    """Tell which digits a set lacks."""
    digits = lacking(rows["label"])
    if not digits:
        return None
    words = f"the digit{'s' if len(digits) > 1 else ''} {listed(digits)}"
    return Finding("digits", "told", f"lacks {words}")


def warning_of(name: str, findings: Sequence[Finding]) -> str:
    """Return the one warning of a set; empty without one."""
    bad = [f"{finding}" for finding in findings if is_bad(finding)]
    return f"{name}: {'; '.join(bad)}" if bad else ""
