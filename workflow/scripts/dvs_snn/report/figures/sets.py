"""How much of each set is read right: real recordings beside simulated ones, and changed scenes."""

import pandas as pd

from dvs_snn.analysis.choice import Quoted
from dvs_snn.analysis.trials import CNN
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged, ordered
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import method_name
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.set_names import VALIDATION

TITLE = "what is read right, set by set"
CATEGORY = "1 Results"
SHOWS_ADDED_SETS = True
CAPTION = (
    "Recordings read right in each set, real ones first, at the points that validation chose; "
    "means over the trainings, bars are 95 % intervals over symbols. The CNN reads the same ones."
)


def draw(evaluation: pd.DataFrame, choice: pd.DataFrame, origin: Origin) -> Chart:
    """A row for each set, a mark for each network."""
    rows = evaluation[flagged(evaluation["chosen"]) & (evaluation["set"] != VALIDATION)]
    rows = rows[rows["scale"].notna()]
    quoted = Quoted.of(choice).of_compared(rows[rows["method"] != NIR])
    if quoted.empty:
        return chart.sentence("No set with labels was read.")

    ends = ["accuracy", "accuracy_low", "accuracy_high"]
    of_cnn = quoted[quoted["variant"] == quoted["variant"].iloc[0]].assign(method=CNN)
    of_cnn = of_cnn.drop(columns=ends).rename(columns={f"ann_{name}": name for name in ends})
    shown = pd.concat([quoted, of_cnn.dropna(subset="accuracy"), rows[rows["method"] == NIR]])

    of_network = shown.groupby(["set", "method"], sort=False, as_index=False)
    means = of_network[[*ends, "n_symbols"]].mean()
    means = means.assign(code=means["method"], method=means["method"].map(method_name))
    means["name"] = [
        f"{origin.called(name)} ({origin.kind(name)}, n = {n:,.0f})"
        for name, n in zip(means["set"], means["n_symbols"], strict=True)
    ]

    means = chart.worded(means, "{method} on {name}: {accuracy:.1%} right")
    means = means.assign(is_simulated=means["set"].map(origin.is_simulated))
    order = ordered(means.sort_values("is_simulated", kind="stable")["name"])

    colour, shape = chart.by_method(means["code"].unique())
    share = alt.X("accuracy:Q", title="recordings read right").axis(format="~%")
    y = alt.Y("name:N", title=None, sort=order).axis(labelLimit=320, grid=True)
    base = alt.Chart(means).encode(share.scale(zero=False), y, alt.YOffset("method:N"), colour)
    bars = base.mark_rule(strokeWidth=1.5).encode(
        alt.X("accuracy_low:Q", title="recordings read right"), alt.X2("accuracy_high:Q")
    )
    marks = base.mark_point(filled=True, size=70, opacity=1).encode(shape, tooltip="words:N")

    return (bars + marks).properties(width=480, height=alt.Step(34, **{"for": "position"}))
