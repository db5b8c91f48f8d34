"""A network's output spikes on a recording, and the class read so far."""

import math
import textwrap
from typing import Any

import numpy as np

from dvs_snn.report import recorded, style
from dvs_snn.report.cells import label_text
from dvs_snn.report.style import Figure
from dvs_snn.settings.data import TEN_DIGITS, Classes

TITLE = "output spikes"
CAPTION = (
    "Above: the output spikes of the ten neurons at the best method's chosen point. Below: the "
    "most active neuron so far, and within a sliding window. A network without an output spike "
    "predicts nothing and counts as wrong."
)

SHOWN_COLOUR = "#FFF3C4"
MOST_NAMED = 20
"""Of more classes the axes name every second, third and so on."""


def raster_of(read: recorded.QuotedReading, classes: Classes = TEN_DIGITS) -> Figure:
    """Output spikes of the network over time, and below them the prediction as it stands."""
    spikes, running, sliding = read.spikes, read.running, read.sliding
    n_steps = len(spikes)
    edges = np.arange(n_steps + 1) * read.step_ms / 1e3
    centres = (edges[:-1] + edges[1:]) / 2
    figure = style.new_figure(style.WIDTH_IN, 5.0)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(1.35, 1))
    shown = label_text(read.label)
    if shown:
        place, words = classes.names.index(shown), f"the {classes.word} shown: {shown}"
        for axis, label in ((top, words), (bottom, None)):
            axis.axhspan(place - 0.42, place + 0.42, color=SHOWN_COLOUR, zorder=0, label=label)

    step, neuron = np.nonzero(spikes)
    if len(step):
        counts = spikes[step, neuron].astype(np.int64)
        most = int(counts.max())
        how = {"color": style.BLUE, "linewidths": 0, "alpha": 0.8}
        top.scatter(centres[step], neuron, s=_marker_area(counts, most), gid="spikes", **how)
        for count in sorted({1, math.ceil(most / 2), most}):
            name = "1 spike in a step" if count == 1 else f"{count} spikes"
            top.scatter([], [], s=_marker_area(count, most), label=name, **how)
    else:
        style.centred(top, "No output spike: the network stayed silent, which counts as wrong.")

    for values, colour, width, name in (
        (sliding, style.ORANGE, 5.0, "within the sliding window"),
        (running, style.BLACK, 1.6, "so far"),
    ):
        known = np.where(values < 0, np.nan, values)
        how = {"color": colour, "linewidth": width}
        bottom.stairs(known, edges, baseline=None, **how)
        bottom.plot([], [], label=f"prediction {name}", **how)
    if not (running >= 0).any():
        style.centred(bottom, "no prediction")

    n = len(classes.names)
    named = range(0, n, math.ceil(n / MOST_NAMED))
    for axis, words in ((top, f"output neuron ({classes.word})"), (bottom, "most active neuron")):
        axis.set(ylim=(-0.6, n - 0.4), ylabel=words)
        axis.set_yticks(named, [classes.names[label] for label in named])
        style.faint_grid(axis, "y")
    bottom.set(xlim=(0, edges[-1] if n_steps else 1), xlabel="time since the first event (s)")
    ending = "" if shown else f" (the {classes.word} shown is not known)"
    top.set_title(textwrap.fill(f"{read.title}: {int(spikes.sum()):,} output spikes{ending}", 95))
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _marker_area(count: Any, most: int) -> Any:
    return 14 + 76 * np.asarray(count, dtype=float) / max(most, 4)
