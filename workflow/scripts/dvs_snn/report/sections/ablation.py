"""What hangs on how a network runs."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.probes.ablation_table import LIMIT_PERCENT, LIMIT_POINTS
from dvs_snn.probes.run_settings import BASE
from dvs_snn.report import text
from dvs_snn.report.cells import ordered
from dvs_snn.report.study import FinishedStudy

RUNS = ["set", "method", "part", "value"]


def context(study: FinishedStudy) -> dict[str, Any] | None:
    """What is shown of changes; None where no network was changed."""
    ablation = study.table("ablation")
    note = study.origin.note_on(ordered(ablation["set"]))
    if ablation.empty:
        return None
    changed = ablation[ablation["part"] != BASE[0]]
    moved = changed[changed["moved"] == 1]
    return {
        "figure": study.figure("ablation", note),
        "table": _table(ablation, note),
        "n_recordings": text.counts_listed(ablation["n_recordings"]),
        "n_moved": text.count(len(moved)),
        "n_changed": text.count(len(changed)),
        "points": f"{LIMIT_POINTS:g}",
        "percent": f"{LIMIT_PERCENT:g}",
    }


def _signed(value: float, digits: int = 1) -> str:
    """A share's change in hundredths, with its sign: `−1.2`."""
    written = f"{100 * value:+.{digits}f}".replace("-", "−")
    return written.lstrip("+−") if float(written.replace("−", "-")) == 0 else written


def _table(ablation: pd.DataFrame, note: str) -> Markup | None:
    """A row for each set, method and condition; numbers of several seeds as a mean and a range."""
    rows = [
        {
            "network": f"{method} on {name}",
            "changed": "nothing" if part == BASE[0] else f"{part}: {value}",
            "accuracy": text.spread(own["accuracy"], text.percent),
            "change in points": text.spread(own["difference"], _signed),
            "M SynOps for 3,000 events": text.spread(own["synops_per_3000_events"], text.millions),
            "change in %": text.spread(own["synops_change"], _signed),
            "beyond a limit": f"{int(own['moved'].sum())} of {text.plural(len(own), 'seed')}",
        }
        for (name, method, part, value), own in ablation.groupby(RUNS, sort=False)
    ]
    return text.table_html(
        rows, f"{note}The quoted networks with one thing changed at a time", source="ablation"
    )
