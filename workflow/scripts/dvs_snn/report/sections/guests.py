"""Networks from NIR files: what they read, and how far our count predicts a chip."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.guests import NIR, OURS


def context(study: FinishedStudy) -> dict[str, Any] | None:
    read = study.evaluation[study.evaluation["method"] == NIR]
    if read.empty:
        return None
    checked = study.table("chip_check")
    losses, is_published = list(_losses(checked)), (checked["platform"] != OURS).any()
    return {"read": read, "checked": checked, "losses": losses, "is_published": is_published}


def _losses(checked: pd.DataFrame) -> Iterator[str]:
    """Say what is lost from float32 in steps of 1 ms to 8 bits by events, as a chip computes."""
    read = checked[checked["accuracy"].notna()].replace({"platform": {OURS: "our count"}})
    in_steps = read[(read["timing"] == "steps") & (read["step_ms"] == 1) & (read["bits"] == 32)]
    by_events = read[(read["timing"] == "events") & (read["bits"] == 8)]
    for _, row in in_steps.merge(by_events, on=["network", "set"]).iterrows():
        change = text.points(row["accuracy_y"] - row["accuracy_x"])
        yield (
            f"{row['network']} on {row['set']}: {row['platform_y']} read "
            f"{text.percent(row['accuracy_y'])} one event at a time in 8 bits, {change} percentage "
            f"points against {row['platform_x']} in steps of 1\u00a0ms in float32."
        )
