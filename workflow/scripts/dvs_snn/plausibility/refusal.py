"""Refuses sets whose numbers would be wrong, in the job that reads their files first."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.plausibility.places import outside
from dvs_snn.plausibility.time_units import unit_by_sensor


def refuse(name: str, rows: pd.DataFrame, where: Mapping[str, Any]) -> None:
    """End the job of a set that no sensor can have sent, or that the network hardly sees.

    Args:
        name: what the sentence calls it, such as `set mine`.
        rows: of a split table, those of the set.
        where: how the set's files are read and placed, as in the settings.

    Raises:
        StudyError: what was found, and what to set.
    """
    found = filter(None, [unit_by_sensor(rows, where), outside(rows)])
    refused = [str(finding) for finding in found if finding.verdict == "refused"]
    if refused:
        raise StudyError(f"{name}: {'; '.join(refused)}.")
