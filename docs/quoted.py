"""Print the numbers that README.md and docs/results.md quote, from finished studies.

Run in the study's environment, one folder a study: `python docs/quoted.py results/simulated
results/methods > docs/numbers.csv`. The column `shown` has a number as prose writes it; a test
looks up there what both pages say.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))

from dvs_snn.analysis.factors import EQUAL, EVEN_TWINS
from dvs_snn.analysis.trials import EARLY_EXIT
from dvs_snn.report import text
from dvs_snn.settings.set_names import REAL_TWINS, VALIDATION, half_of

ACCURACIES = ("accuracy", "accuracy_low", "accuracy_high", "cnn", "method_accuracy")
SHARES = dict.fromkeys(ACCURACIES, text.percent)
SYNOPS = ["synops_per_3000_events", "synops_per_reading", "stop_synops_per_reading"]
OPERATIONS = [f"operations_per_reading{end}" for end in ("", "_low", "_high")]
MACS = ["macs_per_reading", "cnn_macs_per_3000_events"]
COSTS = dict.fromkeys([*SYNOPS, *OPERATIONS, *MACS, "synops_nonzero_per_recording"], text.millions)
OTHERS = ("energy_per_reading_uj", "power_while_reading_mw", "time_to_exit_ms", "breakeven_mac_pj")
FACTORS = ("factor", "factor_low", "factor_high")
RATIOS = ("synops_per_mac", "synops_per_mac_low", "synops_per_mac_high")
DIFFERENCES = [f"difference_points{end}" for end in ("", "_low", "_high")]
SHOWN = SHARES | COSTS | dict.fromkeys(OTHERS + FACTORS + RATIOS, text.significant)
SHOWN |= dict.fromkeys(DIFFERENCES, lambda points: text.points(points / 100))
"""Columns that are quoted, and how."""

POINT = ["set", "method", "variant", "scale", "exit", "seed", "macs"]
SIDE = ["network", "rival", "at", "model"]
"""Columns that name a side of the comparison with CNNs."""


def even_half(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return what each training, and its CNN, reads right of the real twins held out."""
    rows = predictions[predictions["chosen"].eq(1) & predictions["set"].eq(REAL_TWINS)]
    rows = rows[rows["symbol"].map(half_of).eq("even")].assign(
        set=EVEN_TWINS,
        accuracy=rows["predicted"] == rows["label"],
        cnn=rows["cnn_predicted"] == rows["label"],
    )
    return rows.groupby(POINT[:1] + POINT[2:4] + ["seed"])[["accuracy", "cnn"]].mean().reset_index()


def to_the_end(front: pd.DataFrame) -> pd.DataFrame:
    """Return what spiking networks read without an exit, means over the trainings."""
    return front[front["seed"].isna() & front["scale"].notna() & front["exit"].isna()]


def within_a_million(front: pd.DataFrame) -> pd.DataFrame:
    """Return for each set the point best on validation of those within 1.0 M SynOps on the set."""
    means = to_the_end(front)
    tried = means.loc[means["set"].eq(VALIDATION), ["variant", "scale", "accuracy"]]
    rows = means[means["set"].ne(VALIDATION) & means["synops_per_3000_events"].le(1e6)]
    rows = rows.merge(tried, on=["variant", "scale"], suffixes=("", "_tried"))
    return rows.sort_values("accuracy_tried", kind="stable").drop_duplicates("set", keep="last")


def best_of_variants(front: pd.DataFrame) -> pd.DataFrame:
    """Return each variant's scale that reads most of validation to the end."""
    rows = to_the_end(front[front["set"].eq(VALIDATION)])
    return rows.sort_values("accuracy", kind="stable").drop_duplicates("variant", keep="last")


def most_accurate_exit(front: pd.DataFrame, choice: pd.DataFrame) -> pd.DataFrame:
    """Return on each set the exit that reads most of validation."""
    best = choice[choice["method"].eq(EARLY_EXIT) & choice["within_points"].eq(0)]
    rows = front[front["seed"].isna() & front["set"].ne(VALIDATION)]
    return rows.merge(best[POINT[1:5]], on=POINT[1:5])


def numbers(folder: Path) -> Iterator[dict[str, object]]:
    """Yield a row for each number of a finished study that prose may quote."""
    made = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    about = {"study": folder.name, "commit": made["commit"][:8]}
    read = {path.stem: pd.read_csv(path) for path in (folder / "tables").glob("*.csv")}
    factors, front, exits = read["factors"], read["front"], read["exits"]
    even = factors[factors["set"].eq(EVEN_TWINS)]
    chosen = read["evaluation"][lambda rows: rows["chosen"].eq(1) & rows["set"].ne(VALIDATION)]
    tables = {
        "front": front[front["chosen"].eq(1) & front["seed"].isna() & front["set"].ne(VALIDATION)],
        "within a million": within_a_million(front),
        "best on validation": best_of_variants(front),
        "evaluation": chosen.groupby(POINT[:4])[["synops_nonzero_per_recording"]]
        .mean()
        .reset_index(),
        "exits": exits[exits["chosen"].eq(1) & exits["set"].eq(VALIDATION)],
        "predictions": even_half(read["predictions"].astype({"symbol": str})),
        "factors": factors[factors["at"].eq(EQUAL) & factors["accuracy"].eq(0.95)],
        "most accurate exit": most_accurate_exit(front, read["choice"]),
        "even half": even[even["chosen"].eq(1) | even["within_points"].eq(0)],
        "break_even": read["break_even"].drop_duplicates(["set", "method", "exit"]),
        "equal_accuracy": read["equal_accuracy"],
        "rivals": read["rivals"],
        "models": read["models"].query("at == 'equal accuracy' and accuracy == 0.95"),
    }
    for table, rows in tables.items():
        for row in rows.to_dict("records"):
            point = {name: row[name] for name in [*POINT, *SIDE] if name in row}
            for name, shown in SHOWN.items():
                if pd.notna(row.get(name)):
                    value = {
                        "quantity": name,
                        "value": f"{row[name]:.6g}",
                        "shown": shown(row[name]),
                    }
                    yield {**about, "table": table, **point, **value}
    for number in re.findall(r"\d+\.\d+", (folder / "headline.txt").read_text(encoding="utf-8")):
        yield {
            **about,
            "table": "headline",
            "quantity": "headline",
            "value": number,
            "shown": number,
        }


if __name__ == "__main__":
    rows = [row for folder in sys.argv[1:] for row in numbers(Path(folder))]
    print(pd.DataFrame(rows).drop_duplicates().to_csv(index=False), end="")
