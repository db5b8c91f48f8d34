"""Refuses recordings A, B, C whose numbers would be wrong."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from dvs_snn.datasets.shown import Shown
from dvs_snn.events.facts import facts_of
from dvs_snn.events.placement import place
from dvs_snn.plausibility.refusal import refuse


def refuse_shown(shown: Shown, where: Mapping[str, Any]) -> None:
    """End the job of a recording A, B, C for the same faults; the tutorial's own have none.

    Args:
        where: `time_unit`, in which the times were read, if the settings tell it.

    Raises:
        StudyError: as of `refuse`.
    """
    if shown.placement is None:
        return
    width, height = shown.recording.sensor_size
    facts = facts_of(shown.recording, place(shown.recording, shown.placement))
    row = {"recording": shown.name, "sensor_width": width, "sensor_height": height}
    refuse(f"recording {shown.name}", pd.DataFrame([row | asdict(facts)]), where)
