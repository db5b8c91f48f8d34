"""How much real recordings in the training help to read other real recordings."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import text
from dvs_snn.report.cells import ordered
from dvs_snn.report.material import Material
from dvs_snn.report.sections.simulation.sensitivity import points
from dvs_snn.settings.set_names import REAL_TWINS


def context(material: Material) -> dict[str, Any] | None:
    """What is shown of real recordings in the training; None where there were none."""
    learning = material.table("learning")
    if learning.empty:
        return None
    real = learning[learning["set"] == REAL_TWINS]
    both = real[real["simulated"] == 1]
    return {
        "figure": material.picture("learning", ""),
        "n_symbols": text.counts_listed(real, "n_symbols"),
        "gains": [
            _gain(variant, both[both["variant"] == variant]) for variant in ordered(both["variant"])
        ],
        "alone": _alone(real[real["simulated"] == 0]),
        "table": _table(learning),
    }


def _gain(variant: str, rows: pd.DataFrame) -> str:
    """What the most real recordings change for a variant, in words."""
    without, most = rows[rows["real"] == 0], rows[rows["real"] == rows["real"].max()]
    surely = int((most["difference_low"] > 0).sum())
    return (
        f"{variant}: {text.spread(without['accuracy'], text.percent)} without and "
        f"{text.spread(most['accuracy'], text.percent)} with {text.count(rows['real'].max())} real "
        f"recordings, a difference of {text.spread(most['difference'], points)} points. For "
        f"{surely} of {text.plural(len(most), 'training')} its 95 % interval lies above 0"
    )


def _alone(rows: pd.DataFrame) -> str:
    """What networks read that no simulated recording trained, in words."""
    of_variants = [
        f"{text.spread(rows[rows['variant'] == variant]['accuracy'], text.percent)} ({variant})"
        for variant in ordered(rows["variant"])
    ]
    return text.listed(of_variants)


def _table(learning: pd.DataFrame) -> Markup | None:
    """A row for each set, variant and lesson; numbers of several seeds as a mean and a range."""
    rows = []
    lessons = learning.groupby(["set", "variant", "simulated", "real"], sort=False)
    for (name, variant, simulated, real), own in lessons:
        row = {
            "set": f"{name} ({'real' if name == REAL_TWINS else 'simulated'})",
            "variant": variant,
            "simulated training": "yes" if simulated else "no",
            "real recordings": text.count(real),
            "symbols (n)": text.counts_listed(own, "n_symbols"),
            "read right": text.spread(own["accuracy"], text.percent),
            "difference in points": text.spread(own["difference"], points),
            "M SynOps per 3,000 events": text.spread(own["synops_per_3000_events"], text.millions),
        }
        rows.append(row)
    caption = (
        "Real and simulated recordings of the even half, read by networks that were trained further"
    )
    return text.table_html(rows, caption, source="learning")
