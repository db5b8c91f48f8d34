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
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))

from dvs_snn.analysis.verdict import even_line
from dvs_snn.energy.price import Price, power_while_reading_mw, readings_uj, study_price
from dvs_snn.files.tables import read_table
from dvs_snn.points.front import EVEN_TWINS
from dvs_snn.points.point import CHOSEN, EARLY_EXIT, EQUAL
from dvs_snn.points.quoted_rows import means, stopping_cnn, trainings_of
from dvs_snn.report import text
from dvs_snn.settings.set_names import REAL_TWINS, VALIDATION, half_of
from dvs_snn.settings.sides import CNN, SPIKING
from dvs_snn.settings.sweep import Power

SHARES = ["accuracy", "accuracy_low", "accuracy_high", "cnn", "reference_accuracy"]
PER_READING = [f"operations_per_reading{end}" for end in ("", "_low", "_high")]
PER_EVENTS = ["operations_per_3000_events", "cnn_operations_per_3000_events"]
OTHERS = ["stop_operations_per_reading", "reference_operations", "synops_nonzero_per_recording"]
COSTS = [*PER_EVENTS, *PER_READING, *OTHERS]
ENERGIES = ["energy_per_reading_uj", "power_while_reading_mw", "time_to_exit_ms"]
RATIOS = ["ratio", "ratio_low", "ratio_high", "breakeven_mac_pj"]
DIFFERENCES = [f"difference_points{end}" for end in ("", "_low", "_high")]
SHOWN = (
    dict.fromkeys(SHARES, text.percent)
    | dict.fromkeys(COSTS, text.millions)
    | dict.fromkeys(ENERGIES + RATIOS, text.significant)
    | dict.fromkeys(DIFFERENCES, lambda points: text.points(points / 100))
)
"""Columns that are quoted, and how."""

POINT = ["set", "side", "method", "variant", "scale", "exit", "frames", "counted", "seed"]
BESIDE = ["at", "reference", "model", "idle_mw"]
"""Columns that name a point, and what it is compared with or priced by."""

TABLES = ("points", "equal_accuracy", "energy", "evaluation", "predictions", "choice")


def even_half(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return what each training, and its CNN, reads right of the real twins held out."""
    rows = predictions[predictions["chosen"].eq(1) & predictions["set"].eq(REAL_TWINS)]
    rows = rows[rows["symbol"].map(half_of).eq("even")].assign(
        set=EVEN_TWINS,
        accuracy=rows["predicted"] == rows["label"],
        cnn=rows["cnn_predicted"] == rows["label"],
    )
    network = ["set", "variant", "scale", "seed"]
    return rows.groupby(network)[["accuracy", "cnn"]].mean().reset_index()


def to_the_end(points: pd.DataFrame) -> pd.DataFrame:
    """Return what spiking networks read without an exit, means over the trainings."""
    rows = means(points)
    return rows[rows["side"].eq(SPIKING) & rows["exit"].isna()]


def within_a_million(points: pd.DataFrame) -> pd.DataFrame:
    """Return for each set the point best on validation of those within 1.0 M SynOps on the set."""
    whole = to_the_end(points)
    tried = whole.loc[whole["set"].eq(VALIDATION), ["variant", "scale", "accuracy"]]
    rows = whole[whole["set"].ne(VALIDATION) & whole["operations_per_3000_events"].le(1e6)]
    rows = rows.merge(tried, on=["variant", "scale"], suffixes=("", "_tried"))
    return rows.sort_values("accuracy_tried", kind="stable").drop_duplicates("set", keep="last")


def best_of_variants(points: pd.DataFrame) -> pd.DataFrame:
    """Return each variant's scale that reads most of validation to the end."""
    rows = to_the_end(points[points["set"].eq(VALIDATION)])
    return rows.sort_values("accuracy", kind="stable").drop_duplicates("variant", keep="last")


def most_accurate_exit(points: pd.DataFrame, choice: pd.DataFrame) -> pd.DataFrame:
    """Return on each set the exit that reads most of validation."""
    best = choice[choice["method"].eq(EARLY_EXIT) & choice["within_points"].eq(0)]
    rows = means(points)
    named = ["method", "variant", "scale", "exit"]
    return rows[rows["set"].ne(VALIDATION)].merge(best[named].astype({"exit": float}), on=named)


def break_even(points: pd.DataFrame, price: Price) -> pd.DataFrame:
    """Return chosen spiking networks beside the CNN that stops early and skips zeros.

    Above the price `breakeven_mac_pj` of a MAC the spiking network is cheaper.
    """
    rows = []
    for spiking in points[points["side"].eq(SPIKING)].to_dict("records"):
        cnn = stopping_cnn(points, spiking["set"])
        if cnn is not None:
            line = even_line(spiking, cnn, price.idle_mw)
            mac_pj = line.ratio * price.synop_pj + line.more_pj
            beside = {
                "cnn_operations_per_3000_events": cnn["operations_per_3000_events"],
                "ratio": line.ratio,
                "breakeven_mac_pj": mac_pj,
            }
            rows.append({name: spiking[name] for name in [*POINT, PER_EVENTS[0]]} | beside)
    return pd.DataFrame(rows)


def priced(rows: pd.DataFrame, points: pd.DataFrame, price: Price) -> pd.DataFrame:
    """Return rows of ``points.csv`` with the energy of a reading; CNNs have none here."""
    if rows.empty:
        return rows
    is_spiking = rows["side"].eq(SPIKING)
    powers = []
    for place, row in rows.iterrows():
        trainings = trainings_of(points, row) if pd.isna(row["seed"]) else rows.loc[[place]]
        powers.append(power_while_reading_mw(price, trainings))
    return rows.assign(
        energy_per_reading_uj=readings_uj(price, rows).where(is_spiking),
        power_while_reading_mw=pd.Series(powers, rows.index).where(is_spiking),
    )


def quoted_tables(folder: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the rows of a finished study that prose may quote, and what they are called."""
    tables = {name: read_table(folder / f"tables/{name}.csv", name) for name in TABLES}
    settings = yaml.safe_load((folder / "config.used.yaml").read_text(encoding="utf-8"))
    price = study_price(Power(**settings["power"]))
    points, equal, energy = tables["points"], tables["equal_accuracy"], tables["energy"]
    evaluation = tables["evaluation"]
    evaluation = evaluation[evaluation["chosen"].eq(1) & evaluation["set"].ne(VALIDATION)]
    is_chosen = points["chosen"].eq(1)
    chosen = means(points[is_chosen & points["set"].ne(VALIDATION)])
    is_stop = is_chosen & points["set"].eq(VALIDATION) & points["method"].eq(EARLY_EXIT)
    even = equal[equal["set"].eq(EVEN_TWINS) & equal["at"].eq(CHOSEN) & equal["side"].eq(SPIKING)]
    network = ["set", "side", "method", "variant", "scale"]
    nonzero = evaluation.groupby(network)[["synops_nonzero_per_recording"]].mean().reset_index()
    is_at_95 = energy["at"].eq(EQUAL) & energy["accuracy"].eq(0.95) & energy["idle_mw"].eq(0)

    yield "points", priced(chosen, points, price)
    yield "within a million", priced(within_a_million(points), points, price)
    yield "best on validation", priced(best_of_variants(points), points, price)
    yield "evaluation", nonzero
    yield "exits on validation", priced(points[is_stop & points["seed"].notna()], points, price)
    yield "predictions", even_half(tables["predictions"])
    yield "most accurate exit", priced(most_accurate_exit(points, tables["choice"]), points, price)
    yield "even half", even[even["chosen"].eq(1) | even["within_points"].eq(0)]
    yield "break even", break_even(chosen, price)
    yield "equal_accuracy", equal[equal["at"].eq(EQUAL) | equal["side"].eq(CNN)]
    yield "energy", energy[is_at_95]


def numbers(folder: Path) -> Iterator[dict[str, object]]:
    """Yield a row for each number of a finished study that prose may quote."""
    made = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    about = {"study": folder.name, "commit": made["commit"][:8]}
    for table, rows in quoted_tables(folder):
        for row in rows.to_dict("records"):
            point = {name: row.get(name) for name in [*POINT, *BESIDE]}
            for name, shown in SHOWN.items():
                if pd.notna(row.get(name)):
                    value = {"value": f"{row[name]:.6g}", "shown": shown(row[name])}
                    yield {**about, "table": table, **point, "quantity": name, **value}
    for number in re.findall(r"\d+\.\d+", (folder / "headline.txt").read_text(encoding="utf-8")):
        headline = {"table": "headline", "quantity": "headline"}
        yield {**about, **headline, "value": number, "shown": number}


if __name__ == "__main__":
    rows = [row for folder in sys.argv[1:] for row in numbers(Path(folder))]
    print(pd.DataFrame(rows).drop_duplicates().to_csv(index=False), end="")
