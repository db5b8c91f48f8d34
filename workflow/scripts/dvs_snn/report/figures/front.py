"""The front: the errors of all methods against their cost, in SynOps and in mW."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dvs_snn.evaluation.choosing.points import MEANS, POINT
from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.files.tables import read_table
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged, ordered, per_pj
from dvs_snn.report.methods import answer_sets, in_order, point_text
from dvs_snn.report.style import Named
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.tables.methods.front import CNN, PUBLISHED, undominated

TITLE = "front of all methods"
CATEGORY = "1 Results"
INPUTS = ("front",)
SETTINGS = ("power",)
CAPTION = (
    "Recordings misread against SynOps per 3,000 events, a panel for each test set, both axes "
    "logarithmic: left is cheaper, down is better. The axis above gives the power. Thick lines "
    "join the points (means over the seeds) that no other point of their method beats on "
    "validation, thin lines the same points of single seeds. Of early exit only these are shown. "
    "A large mark is the point that validation chose; its bar is the Wilson 95 % interval over "
    "symbols. The diamond is the CNN at its MACs. Hollow squares are published (Sorbaro et al. "
    "2020): other data, another network."
)
COST = "synops_per_3000_events"


def draw(paths: Named, settings: Named) -> chart.Chart:
    return plot(read_table(paths["front"], "front"), settings["power"])


def plot(front: pd.DataFrame, power: Mapping[str, Any]) -> chart.Chart:
    """Share misread against SynOps per 3,000 events, a panel for each test set."""
    own = front[~front["method"].isin([CNN, PUBLISHED])]
    if own.empty:
        return chart.sentence("No spiking set was evaluated, so there is no front.")
    own = own.assign(joined=joined(own))
    sets = answer_sets(own["set"])
    looks = chart.looks_of(in_order(own["method"]))
    beside = front[front["method"].isin([CNN, PUBLISHED])]
    shown = pd.concat([own[own["set"].isin(sets)], beside])
    limits = [shown[COST][shown[COST] > 0].min() / 1.15, shown[COST].max() * 1.15]
    panels = [_panel(own, beside, name, looks, limits, power) for name in sets]
    panels[0]["layer"].append(_cursor(panels[0]))
    return chart.Chart(
        {
            "params": [
                *chart.power_params(power),
                # Where the page's cursor stands; 0: nowhere.
                {"name": "cursor_cost", "value": 0},
                {"name": "cursor_misread", "value": 0},
            ],
            "hconcat": panels,
            "resolve": {"scale": {"color": "shared", "shape": "shared"}},
        }
    )


def _shown(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Points as the chart reads them, with the words of their tooltip."""
    several = rows["variant"].nunique() > 1
    few = 0.5 / rows["n_symbols"].astype(float)
    kept = pd.DataFrame(
        {
            "method": rows["method"],
            "cost": rows[COST],
            # Half a symbol where none was misread: a logarithmic axis has no zero.
            "misread": (1 - rows["accuracy"]).clip(lower=few),
            "low": (1 - rows["accuracy_high"]).clip(lower=few),
            "high": (1 - rows["accuracy_low"]).clip(lower=few),
            "seed": ["mean over the seeds" if pd.isna(s) else f"seed {s:g}" for s in rows["seed"]],
            "point": [point_text(row, several) for row in rows.to_dict("records")],
            "n": rows["n_symbols"],
        }
    )
    kept["words"] = [
        f"{row.method}, {row.point} ({row.seed}): {100 * (1 - row.misread):.1f} % right "
        f"({100 * (1 - row.high):.1f} to {100 * (1 - row.low):.1f} %, n = {row.n:g}) with "
        f"{row.cost / 1e6:.3g} M SynOps per 3,000 events"
        for row in kept.itertuples()
    ]
    return chart.records(kept)


def _panel(
    own: pd.DataFrame,
    beside: pd.DataFrame,
    name: str,
    looks: Mapping[str, tuple[str, str]],
    limits: list[float],
    power: Mapping[str, Any],
) -> dict[str, Any]:
    """The points of one set, and what stands beside them."""
    rows = own[(own["set"] == name) & (own[COST] > 0)]
    means = rows[rows["seed"].isna()]
    lines = rows[rows["joined"]]
    # Early exit has ten points for each network of all methods: they would hide the others.
    points = means[means["joined"] | (means["method"] != EARLY_EXIT)]
    cnn = beside[(beside["method"] == CNN) & (beside["set"] == name) & beside["seed"].isna()]
    cnn = cnn[cnn[COST] > 0].iloc[:1]
    paper = beside[beside["method"] == PUBLISHED]
    ticks = chart.log_values(*limits)
    cost = {
        "field": "cost", "type": "quantitative", "scale": {"type": "log", "domain": limits},
        "axis": {"title": "million SynOps per 3,000 events", "values": ticks,
                 "labelExpr": "format(datum.value / 1e6, '~g')"},
    }  # fmt: skip
    misread = {
        "field": "misread", "type": "quantitative",
        "scale": {"type": "log", "nice": False, "domain": _ends(means, paper)},
        "axis": {"title": "recordings misread", "format": "~%",
                 "values": chart.log_values(1e-3, 1, (1, 2, 3, 5, 7))},
    }  # fmt: skip
    colour = {
        "field": "method", "type": "nominal", "scale": chart.colour_scale(looks),
        "legend": {"title": None, "columns": 4},
    }  # fmt: skip
    shape = {"field": "method", "type": "nominal", "scale": chart.shape_scale(looks)}
    words = {"field": "words", "type": "nominal"}
    place = {"x": cost, "y": misread}
    # The power of a set's points is proportional to their SynOps: events per second are its own.
    factor = float((per_pj(means["power_mw"], power) / means[COST]).median())
    mw = f"format(datum.value * {factor:.9g} * pj + static_mw, '.2~r')"
    above = {**cost, "axis": {"title": "mW", "orient": "top", "grid": False, "values": ticks,
                              "labelExpr": mw, "labelSeparation": 6}}  # fmt: skip
    single, mean = lines[lines["seed"].notna()], lines[lines["seed"].isna()]
    in_series = {"field": "series", "type": "nominal"}
    layers = [
        {
            "data": {"values": _series(single)},
            "mark": {"type": "line", "strokeWidth": 0.8, "opacity": 0.6},
            "encoding": {**place, "color": colour, "detail": in_series},
        },
        {
            "data": {"values": _series(mean)},
            "mark": {"type": "line", "strokeWidth": 2.4},
            "encoding": {**place, "color": colour, "detail": in_series},
        },
        {
            "data": {"values": _shown(points)},
            "mark": {"type": "point", "filled": True, "size": 45, "opacity": 0.8},
            "encoding": {**place, "color": colour, "shape": shape, "tooltip": words},
        },
        {
            "data": {"values": _shown(cnn.assign(variant="CNN", scale=1.0))},
            "mark": {"type": "point", "shape": "diamond", "size": 140, "color": chart.INK},
            "encoding": {**place, "tooltip": {"value": "the CNN on frames, at its MACs"}},
        },
        {
            "data": {"values": _shown(paper.assign(scale=1.0))},
            "mark": {"type": "point", "shape": "square", "size": 60, "color": chart.GREY},
            "encoding": {**place, "tooltip": {"value": "Sorbaro et al. 2020: other data"}},
        },
        {
            "data": {"values": _shown(means[flagged(means["chosen"])])},
            "layer": [
                {
                    "mark": {"type": "rule", "strokeWidth": 1.5},
                    "encoding": {
                        **place,
                        "color": colour,
                        "y": {**misread, "field": "low"},
                        "y2": {"field": "high"},
                    },
                },
                {
                    "mark": {
                        "type": "point",
                        "filled": True,
                        "size": 220,
                        "opacity": 1,
                        "stroke": chart.INK,
                    },
                    "encoding": {**place, "color": colour, "shape": shape, "tooltip": words},
                },
            ],
        },
    ]
    # Only an invisible layer of its own gets the second axis.
    second = {
        "data": {"values": _shown(means.iloc[:1])},
        "mark": {"type": "point", "opacity": 0},
        "encoding": {"x": above, "y": misread},
    }
    layers = [{"layer": layers}, second]
    title = f"{name}: {int(rows['n_symbols'].max()):,} symbols"
    return {"title": title, "width": 380, "height": 340, "layer": layers,
            "resolve": {"axis": {"x": "independent"}}}  # fmt: skip


def _ends(means: pd.DataFrame, paper: pd.DataFrame) -> list[float]:
    """The ends of the axis of errors: all means, published points, and quoted intervals."""
    errors = [1 - means["accuracy"], 1 - paper["accuracy"]]
    errors += [
        1 - means.loc[flagged(means["chosen"]), f"accuracy_{end}"] for end in ("low", "high")
    ]
    known = pd.concat(errors)
    few = 0.5 / float(means["n_symbols"].max())
    return [max(few, float(known.min())) / 1.1, min(1.0, float(known.max()) * 1.1)]


def _cursor(panel: Mapping[str, Any]) -> dict[str, Any]:
    """A ring at the point that the page's cursor chose."""
    place = panel["layer"][0]["layer"][0]["encoding"]
    return {
        "data": {"values": [{}]},
        "transform": [
            {"filter": "cursor_cost > 0"},
            {"calculate": "cursor_cost", "as": "cost"},
            {"calculate": "cursor_misread", "as": "misread"},
        ],
        "mark": {"type": "point", "size": 420, "strokeWidth": 3, "color": chart.INK},
        "encoding": {"x": {**place["x"], "axis": None}, "y": place["y"]},
    }


def _series(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Points of lines: `series` names the line that a point belongs to."""
    shown = _shown(rows.sort_values(COST, kind="stable"))
    return [
        {"series": f"{row['method']} {row['seed']}"}
        | {key: row[key] for key in ("method", "cost", "misread")}
        for row in shown
    ]


def joined(own: pd.DataFrame) -> pd.Series:
    """Where a point is on its method's front on validation, or on its own set without one: bool."""
    sets = ordered(own["set"])
    means = own[own["seed"].isna()]
    kept = []
    for name in sets:
        rows = means[means["set"] == (VALIDATION if VALIDATION in sets else name)]
        for _, points in rows.groupby("method"):
            measured = (points[column].to_numpy("float64") for column in MEANS[:2])
            on_front = undominated(*measured, pd.Series(True, points.index).to_numpy())
            kept.append(points.loc[on_front, POINT].assign(set=name))
    key = ["set", *POINT]
    found = own[key].merge(pd.concat(kept), on=key, how="left", indicator=True)["_merge"]
    return pd.Series((found == "both").to_numpy(), own.index)
