"""The front: the errors of all methods against their cost, in SynOps and in energy."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from dvs_snn.evaluation.choosing.points import MEANS, POINT
from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.report import chart
from dvs_snn.report.cells import answer_sets, flagged, ordered, point_text
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.style import GREY, INK
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.front import CNN, PUBLISHED, undominated

TITLE = "front of all methods"
CATEGORY = "1 Results"
SUFFIX = ".svg"
CAPTION = (
    "Recordings misread against SynOps per 3,000 events, a panel for each test set; the axis above "
    "gives the energy of a reading, without static power. Thick lines join the points (means over "
    "the seeds) that no other point of their method beats on validation, thin lines the same "
    "points of single seeds. Of early exit only these are shown. A large mark is the point that "
    "validation chose; its bar is the Wilson 95 % interval over symbols. Diamonds are the CNN's "
    "points that validation chose, to the end and with an exit, at their MACs: all, and those at "
    "activations that aren't 0. Hollow squares are published (Sorbaro et al. 2020): other data, "
    "another network."
)
COST = "synops_per_3000_events"
COLUMNS = ("method", "seed", "cost", "misread", "low", "high", "words")
"""Of a point; the first four suffice for a line."""


def draw(front: pd.DataFrame, power: Power) -> Chart:
    """Share misread against SynOps per 3,000 events, a panel for each test set."""
    measured = front[~front["method"].isin([CNN, PUBLISHED])]
    if measured.empty:
        return chart.sentence("No spiking set was evaluated, so there is no front.")
    measured = measured.assign(joined=joined(measured))
    sets = answer_sets(measured["set"])
    paper = front[front["method"] == PUBLISHED]
    is_chosen = flagged(front["chosen"]) & front["seed"].isna() & front["set"].isin(sets)
    cnn = front[(front["method"] == CNN) & is_chosen]
    costs = pd.concat([measured.loc[measured["set"].isin(sets), COST], cnn[COST], paper[COST]])
    limits = [float(costs[costs > 0].min()) / 1.15, float(costs.max()) * 1.15]
    method, panels = chart.by_method(measured["method"]), []
    for name in sets:
        points = measured[(measured["set"] == name) & (measured[COST] > 0)]
        panels.append(_panel(points, cnn[cnn["set"] == name], paper, limits, method))
    params = chart.power_params(power)
    shared = {"color": "shared", "shape": "shared"}
    return alt.hconcat(*panels).resolve_scale(**shared).properties(params=params)


def joined(measured: pd.DataFrame) -> pd.Series:
    """Where a point is on its method's front on validation, or on its own set without one: bool."""
    sets = ordered(measured["set"])
    means = measured[measured["seed"].isna()]
    kept = []
    for name in sets:
        rows = means[means["set"] == (VALIDATION if VALIDATION in sets else name)]
        for _, points in rows.groupby("method"):
            values = (points[column].to_numpy("float64") for column in MEANS[:2])
            on_front = undominated(*values, pd.Series(True, points.index).to_numpy())
            kept.append(points.loc[on_front, POINT].assign(set=name))
    key = ["set", *POINT]
    merged = measured[key].merge(pd.concat(kept), on=key, how="left", indicator=True)["_merge"]
    return pd.Series((merged == "both").to_numpy(), measured.index)


def _panel(
    rows: pd.DataFrame,
    cnn: pd.DataFrame,
    paper: pd.DataFrame,
    limits: list[float],
    method: tuple[Any, Any],
) -> Chart:
    """The points of one set, and what stands beside them."""
    means, lines = rows[rows["seed"].isna()], rows[rows["joined"]].sort_values(COST, kind="stable")
    # Early exit has ten points for each network of all methods: they would hide the others.
    points = means[means["joined"] | (means["method"] != EARLY_EXIT)]
    colour, shape = method
    title, millions = "million SynOps per 3,000 events", "format(datum.value / 1e6, '~g')"
    cost = chart.logarithmic(alt.X, "cost", title, limits, labelExpr=millions)
    ends, steps = _ends(means, cnn, paper), (1, 2, 3, 5, 7)
    misread, low = (
        chart.logarithmic(alt.Y, name, "recordings misread", ends, steps, format="~%")
        for name in ("misread", "low")
    )

    def at(points: pd.DataFrame, columns: Sequence[str] = COLUMNS) -> Chart:
        return alt.Chart(_shown(points)[list(columns)]).encode(cost, misread)

    single, mean = (
        at(lines[lines["seed"].isna() == is_mean], COLUMNS[:4]) for is_mean in (False, True)
    )
    chosen = at(means[flagged(means["chosen"])]).encode(colour)
    layers = [
        single.mark_line(strokeWidth=0.8, opacity=0.6).encode(colour, detail="seed:N"),
        mean.mark_line(strokeWidth=2.4).encode(colour),
        at(points)
        .mark_point(filled=True, size=45, opacity=0.8)
        .encode(colour, shape, tooltip="words:N"),
        at(cnn).mark_point(shape="diamond", size=90, color=INK).encode(tooltip="words:N"),
        at(paper)
        .mark_point(shape="square", size=60, color=GREY)
        .encode(tooltip=alt.value("Sorbaro et al. 2020: other data")),
        chosen.mark_rule(strokeWidth=1.5).encode(low, y2="high"),
        chosen.mark_point(filled=True, size=220, opacity=1, stroke=INK).encode(
            shape, tooltip="words:N"
        ),
    ]
    # A set's own events make SynOps of a reading proportional to those of 3,000 events.
    factor = 1e-6 * float((means["synops_per_reading"] / means[COST]).median())
    uj = f"format(datum.value * {factor:.9g} * pj, '.2~r')"
    above = {"orient": "top", "grid": False, "labelExpr": uj, "labelSeparation": 6}
    second = chart.logarithmic(alt.X, "cost", "µJ a reading", limits, **above)
    # Only an invisible layer of its own gets the second axis.
    parts = [alt.layer(*layers), at(means[:1]).mark_point(opacity=0).encode(second)]
    title = f"{rows['set'].iloc[0]}: {int(rows['n_symbols'].max()):,} symbols"
    return (
        alt.layer(*parts)
        .resolve_axis(x="independent")
        .properties(title=title, width=380, height=340)
    )


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Points as the chart reads them, with the words of their tooltip."""
    several = rows["variant"].nunique() > 1
    few = 0.5 / rows["n_symbols"].astype(float)
    shown = rows.assign(
        cost=rows[COST],
        millions=rows[COST] / 1e6,
        # Half a symbol where none was misread: a logarithmic axis has no zero.
        misread=(1 - rows["accuracy"]).clip(lower=few),
        low=(1 - rows["accuracy_high"]).clip(lower=few),
        high=(1 - rows["accuracy_low"]).clip(lower=few),
        seed=["mean over the seeds" if pd.isna(s) else f"seed {s:g}" for s in rows["seed"]],
        point=[point_text(row, several) for row in rows.to_dict("records")],
        operations=["SynOps" if pd.isna(macs) else f"MACs ({macs})" for macs in rows["macs"]],
    )
    return chart.worded(
        shown,
        "{method}, {point} ({seed}): {accuracy:.1%} right ({accuracy_low:.1%} to "
        "{accuracy_high:.1%}, n = {n_symbols:g}) with {millions:.3g} M {operations} per 3,000 "
        "events",
    )


def _ends(means: pd.DataFrame, *beside: pd.DataFrame) -> list[float]:
    """The ends of the axis of errors: all means, points `beside` them, and quoted intervals."""
    chosen = means[flagged(means["chosen"])]
    right = [each["accuracy"] for each in (means, *beside)]
    errors = 1 - pd.concat([*right, chosen["accuracy_low"], chosen["accuracy_high"]])
    few = 0.5 / float(means["n_symbols"].max())
    return [max(few, float(errors.min())) / 1.1, min(1.0, float(errors.max()) * 1.1)]
