"""Idle: what noise alone costs, and how often it passes for a digit."""

from typing import Any

import pandas as pd

from dvs_snn.report import live, text
from dvs_snn.report.cells import ordered
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.sweep import Power


def context(study: FinishedStudy) -> dict[str, Any] | None:
    """What is shown of sensors that see no digit; None where none was tried."""
    idle, note = study.table("idle"), study.origin.note()
    if idle.empty:
        return None
    rows = [
        {
            "scene": row["scene"],
            "network": f"{row['variant']} {row['seed']}, scale {row['scale']:.2f}",
            "events/s": text.significant(row["events_per_s"]),
            "power (mW)": live.power(row["power_mw"], study.power),
            "output spikes/min": text.significant(row["output_spikes_per_min"]),
            "false alarms/min (95 %)": text.interval_of(
                row, "false_alarms_per_min", text.significant
            ),
            "time in alarm": text.percent(row["alarm_seconds"] / row["seconds"]),
        }
        for row in idle.to_dict("records")
    ]
    caption = f"{note}The networks at their quoted scales before a scene without a digit"
    return {
        "table": text.table_html(rows, caption, source="idle"),
        "seconds": text.counts_listed(idle["seconds"]),
        "window": text.counts_listed(idle["window_ms"]),
        "n_validation": text.counts_listed(idle["n_validation"]),
        "scenes": [
            _of_scene(name, idle[idle["scene"] == name], study.power)
            for name in ordered(idle["scene"])
        ],
    }


def _of_scene(name: str, rows: pd.DataFrame, power: Power) -> dict[str, str]:
    """Means over the networks, in words."""
    return {
        "name": name,
        "events": text.significant(rows["events_per_s"].mean()),
        "power": live.spread(rows["power_mw"], power),
        "alarms": text.spread(rows["false_alarms_per_min"], text.significant),
    }
