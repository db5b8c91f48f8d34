"""What hangs on how a network runs, and whether a chip takes it."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.ablation.run_settings import BASE
from dvs_snn.report import text
from dvs_snn.report.cells import ordered
from dvs_snn.report.material import Material
from dvs_snn.results.running.ablation import LIMIT_PERCENT, LIMIT_POINTS

RUNS = ["set", "method", "part", "value"]


def context(material: Material) -> dict[str, Any] | None:
    """What is shown of changes and of the chip; None where no network was changed."""
    ablation, chip = material.table("ablation"), material.table("chip_fit")
    note = material.origin.note_on(ordered(ablation["set"]))
    if ablation.empty:
        return None
    changed = ablation[ablation["part"] != BASE[0]]
    moved = changed[changed["moved"] == 1]
    return {
        "figure": material.picture("ablation", note),
        "table": _table(ablation, note),
        "n_recordings": text.counts_listed(ablation, "n_recordings"),
        "n_moved": text.count(len(moved)),
        "n_changed": text.count(len(changed)),
        "points": f"{LIMIT_POINTS:g}",
        "percent": f"{LIMIT_PERCENT:g}",
        "chip_table": _chip_table(chip, note),
        "n_layers": text.count(len(chip)),
        "n_fitting": text.count(chip["fits"].sum()),
        "n_bursting": text.count((chip["spikes_per_event"] > 1).sum()),
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


def _chip_table(chip: pd.DataFrame, note: str) -> Markup | None:
    """A row for each layer of each method's network; seeds have the same memories and cores."""
    rows = [
        {
            "layer": f"{layer} of {method}",
            "core": text.plain(own["core"].iloc[0]),
            "kernel memory (Ki)": _of(own, "kernel"),
            "neuron memory (Ki)": _of(own, "neuron"),
            "fan-in, fan-out": f"{text.count(own['fan_in'].iloc[0])}, "
            f"{text.count(own['fan_out'].iloc[0])}",
            "largest weight, threshold": f"{text.spread(own['largest_weight'], text.count)}, "
            f"{text.spread(own['threshold'], text.count)}",
            "M SynOps/s": text.spread(own["synops_per_s"], text.millions),
        }
        for (method, layer), own in chip.groupby(["method", "layer"], sort=False)
    ]
    return text.table_html(
        rows, f"{note}Layers of the quoted networks on Speck's cores", source="chip_fit"
    )


def _of(own: pd.DataFrame, memory: str) -> str:
    """A memory of a layer and its core's: `4 of 32`."""
    row = own.iloc[0]
    taken = text.significant(row[f"{memory}_memory"] / 1024, 2)
    limit = row[f"{memory}_limit"]
    return taken if pd.isna(limit) else f"{taken} of {text.significant(limit / 1024, 2)}"
