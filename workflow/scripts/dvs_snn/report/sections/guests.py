"""Networks from NIR files: what they read, and how far our count predicts a chip."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.guests import NIR

OURS = "ours"


def context(study: FinishedStudy) -> dict[str, Any] | None:
    read = study.evaluation[study.evaluation["method"] == NIR]
    if read.empty:
        return None
    checked = study.table("chip_check")
    return {"read": read, "checked": checked, "losses": list(_losses(checked))}


def _losses(checked: pd.DataFrame) -> Iterator[str]:
    """What each chip lost against a simulation in steps, and what our count says of it."""
    for network, rows in checked.groupby("network", sort=False):
        published = rows[(rows["platform"] != OURS) & rows["accuracy"].notna()]
        chips = published[published["timing"] == "events"]
        simulated = published[(published["timing"] == "steps") & (published["bits"] == 32)]
        if chips.empty or simulated.empty:
            continue
        before, chip = simulated.iloc[0], chips.iloc[0]
        told = (
            f"{network}: {chip['platform']} read {text.percent(chip['accuracy'])} of "
            f"{chip['set']}, {_points(before['accuracy'] - chip['accuracy'])} less than "
            f"{before['platform']} in steps of {before['step_ms']:g}\u00a0ms."
        )
        for name, of_set in rows[rows["platform"] == OURS].groupby("set", sort=False):
            like = of_set[(of_set["step_ms"] == before["step_ms"]) & (of_set["bits"] == 32)]
            # The way that is most like the chip's: events if they ran, in its bits.
            is_alike = (of_set["timing"] == "events") | (of_set["step_ms"] == before["step_ms"])
            nearest = of_set[is_alike & (of_set["bits"] == chip["bits"])].sort_values("timing")
            if like.empty or nearest.empty:
                continue
            first, last = like.iloc[0], nearest.iloc[0]
            way = "one event at a time" if last["timing"] == "events" else "in steps"
            told += (
                f" Our count on {text.plural(last['n'], 'recording')} of {name} loses "
                f"{_points(first['accuracy'] - last['accuracy'])} between those steps in float32 "
                f"and {last['bits']:g} bits {way}."
            )
        yield told


def _points(share: float) -> str:
    return f"{100 * share:.1f} percentage points"
