"""Real recordings beside simulated ones: what each seed reads right in each set."""

import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.report import chart
from dvs_snn.report.cells import flagged, spiking
from dvs_snn.report.chart import Chart, alt
from dvs_snn.report.methods import looks
from dvs_snn.report.origin import Origin
from dvs_snn.settings.set_names import VALIDATION

TITLE = "accuracy on every set"
CATEGORY = "1 Results"
SUFFIX = ".svg"
CAPTION = (
    "Recordings read right in each set, at the chosen points. A large mark is the mean over the "
    "seeds, its bar the Wilson 95 % interval over symbols, which may reach beyond the left edge; "
    "small marks are single seeds."
)


def draw(evaluation: pd.DataFrame, choice: pd.DataFrame, origin: Origin) -> Chart:
    """A row for each set, in it a line of marks for each of the compared methods."""
    rows = spiking(evaluation)
    rows = Quoted.of(choice).of_compared(
        rows[flagged(rows["chosen"]) & (rows["set"] != VALIDATION)]
    )
    if rows.empty:
        return chart.sentence("No test set was evaluated.")
    names = {
        name: f"{name} ({'simulated' if origin.is_simulated(name) else 'real'}, n = {n:g})"
        for name, n in rows.groupby("set", sort=False)["n_symbols"].max().items()
    }
    seeds = rows.assign(shown=rows["set"].map(names))
    means = seeds.groupby(["shown", "method"], sort=False).agg(
        accuracy=("accuracy", "mean"), n=("n_symbols", "max")
    )
    ends = [wilson_interval(row.accuracy, int(row.n)) for row in means.itertuples()]
    means = means.assign(low=[low for low, _ in ends], high=[high for _, high in ends])
    words = "{method}, {shown}: {accuracy:.1%} right ({low:.1%} to {high:.1%})"
    means = chart.worded(means.reset_index(), words)
    seeds = chart.worded(seeds, "{method}, seed {seed:g}, {shown}: {accuracy:.1%} right")
    order = sorted(names.values(), key=lambda words: "(real" not in words)
    # The intervals of small sets would squash all others.
    lowest = max(0.0, round(float(seeds["accuracy"].min()) - 0.05, 1))
    share = alt.Scale(domain=[lowest, 1])
    y = alt.Y("shown:N", title=None, sort=order).axis(labelLimit=300)
    aside = alt.YOffset("method:N", sort=list(looks(rows["method"])))
    colour, shape = chart.by_method(rows["method"])
    x = alt.X("accuracy:Q", title="read right", scale=share).axis(format="~%")
    of_means = alt.Chart(means).encode(x, y, aside, colour, tooltip="words:N")
    of_seeds = alt.Chart(seeds[["shown", "method", "seed", "accuracy", "words"]])
    return alt.layer(
        of_means.mark_rule(strokeWidth=1.6, clip=True).encode(
            alt.X("low:Q", scale=share), x2="high"
        ),
        of_means.mark_point(filled=True, size=110, opacity=1).encode(shape),
        of_seeds.mark_point(size=28, opacity=0.9, strokeWidth=1.2).encode(
            x, y, aside, colour, tooltip="words:N"
        ),
    ).properties(width=560, height=alt.Step(16))
