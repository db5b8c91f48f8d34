"""Print the numbers that README.md and docs/results.md quote, from finished studies.

Run in the study's environment, one folder a study:
`python docs/quoted.py results/simulated results/methods > docs/numbers.csv`. `shown` is a number as
prose has it; a test looks up there what the two pages say.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow/scripts"))

from dvs_snn.report import text  # noqa: E402

SHOWN = {
    "accuracy": text.percent,
    "accuracy_low": text.percent,
    "accuracy_high": text.percent,
    "synops_per_3000_events": text.millions,
    "synops_per_reading": text.millions,
    "energy_per_reading_uj": text.significant,
    "power_while_reading_mw": text.significant,
    "power_mw": text.significant,
    "time_to_exit_ms": text.significant,
    "budget": text.significant,
    "factor": text.significant,
    "factor_low": text.significant,
    "factor_high": text.significant,
    "breakeven_mac_pj": text.significant,
    "minutes": text.significant,
}
"""Columns that are quoted, and how."""

POINT = ["set", "method", "variant", "scale", "exit", "seed"]


def quoted_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the rows of a study's tables that prose may quote."""
    tables = {path.stem: pd.read_csv(path) for path in (folder / "tables").glob("*.csv")}
    predictions, front = tables["predictions"], tables["front"]
    read = predictions[predictions["chosen"] == 1].assign(
        accuracy=lambda rows: (rows["predicted"] == rows["label"]).astype(float),
        cnn=lambda rows: (rows["ann_predicted"] == rows["label"]).astype(float),
        even=lambda rows: rows["symbol"].str[-1].isin(list("02468")),
    )
    halves = read[read["even"] & read["set"].str.startswith("real")]
    halves = halves.assign(set=halves["set"] + ", even half")
    both = pd.concat([read, halves]).rename(columns={"cnn": "cnn_accuracy"})
    rights = both.groupby(["set", "variant", "scale", "seed"])[["accuracy", "cnn_accuracy"]]
    return {
        "front": front[front["chosen"].eq(1) | front["on_front"].eq(1)],
        "predictions": rights.mean().reset_index(),
        "budgets": tables["budgets"],
        "factors": tables["factors"],
        "break_even": tables["break_even"].drop_duplicates(["set", "variant", "scale"]),
    }


def numbers(folder: Path) -> Iterator[dict[str, object]]:
    """Yield a row for each number of a study."""
    made = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    about = {"study": folder.name, "commit": made["commit"], "cpu": made["machine"]["cpu"]}
    for table, rows in quoted_tables(folder).items():
        for row in rows.to_dict("records"):
            point = {name: row[name] for name in POINT if name in row}
            for name, shown in SHOWN.items():
                if pd.notna(row.get(name)):
                    value = {"quantity": name, "value": row[name], "shown": shown(row[name])}
                    yield {**about, "table": table, **point, **value}


if __name__ == "__main__":
    rows = [row for folder in sys.argv[1:] for row in numbers(Path(folder))]
    print(pd.DataFrame(rows).to_csv(index=False), end="")
