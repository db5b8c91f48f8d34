"""The speed that was measured for the repository."""

from typing import Any

from dvs_snn.report import text
from dvs_snn.report.cells import is_known
from dvs_snn.report.material import Material

# The figure is made by `benchmarks/`, not by the study.
CAPTION = "Inference and training side by side (bars: medians; whiskers: smallest to largest)."


def context(material: Material) -> dict[str, Any] | None:
    """When, where and with what it was measured, and a table for each condition."""
    benchmark = material.table("benchmark")
    if benchmark.empty:
        return None
    tables = []
    for (what, condition), part in benchmark.groupby(["what", "condition"], sort=False):
        rows = []
        for row in part.to_dict("records"):
            cells = {
                "": row["contestant"],
                f"{row['unit']}, median": text.count(row["median"]),
                "smallest to largest": text.from_to(text.count(row["min"]), text.count(row["max"])),
                "peak memory (MB)": text.count(row["peak_mb"]),
            }
            if is_known(row["digits_as_sinabs"]):
                alike = f"{text.count(row['digits_as_sinabs'])} of {text.count(row['n'])}"
                cells["digits as sinabs"] = alike
            rows.append(cells)
        tables.append(text.table_html(rows, f"{what.capitalize()}: {condition}"))
    about = {key: text.plain(benchmark[key].iloc[0]) for key in ("date", "machine", "versions")}
    return {"tables": tables, "figure": material.picture("speed", "", CAPTION), **about}
