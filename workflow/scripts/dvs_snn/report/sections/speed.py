"""The speed that was measured for the repository."""

from typing import Any

from dvs_snn.report.cells import is_known
from dvs_snn.report.material import Material
from dvs_snn.report.text import columns_of_longest, count, from_to, plain, table_html

# The figure is made by `benchmarks/`, not by the study.
CAPTION = "Inference and training side by side (bars: medians; whiskers: smallest to largest)."


def context(material: Material) -> dict[str, Any] | None:
    """The published benchmark: when, where and with what it was measured, and a table for each
    condition."""
    benchmark = material.table("benchmark", "what")
    if benchmark.empty:
        return None
    first = benchmark.iloc[0]
    tables = []
    for (what, condition), part in benchmark.groupby(["what", "condition"], sort=False):
        unit = part["unit"].iloc[0]
        rows = [
            {
                "": row["contestant"],
                f"{unit}, median": count(row["median"]),
                "smallest to largest": from_to(count(row["min"]), count(row["max"])),
                "peak memory (MB)": count(row["peak_mb"]),
            }
            | (
                {"digits as sinabs": f"{count(row['digits_as_sinabs'])} of {count(row['n'])}"}
                if is_known(row["digits_as_sinabs"])
                else {}
            )
            for row in part.to_dict("records")
        ]
        caption = f"{what.capitalize()}: {condition}"
        tables.append(table_html(columns_of_longest(rows), caption))
    about = {key: plain(first[key]) for key in ("date", "machine", "versions")}
    return {"tables": tables, "figure": material.picture("speed", "", CAPTION), **about}
