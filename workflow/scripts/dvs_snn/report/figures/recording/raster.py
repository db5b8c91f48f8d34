"""A network's output spikes on a recording, and the digit read so far."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from dvs_snn.files.arrays import stored_arrays
from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import read_table
from dvs_snn.report.cells import label_text
from dvs_snn.report.style import (
    BLACK,
    BLUE,
    N_DIGITS,
    ORANGE,
    WIDTH_IN,
    centred,
    in_style,
    marker_handle,
    new_figure,
    outside_legend,
    recording_title,
    wrapped,
)
from dvs_snn.results.summaries import RECORDING_TABLE

TITLE = "output spikes"
CATEGORY = "2 Recordings"
INPUTS = ("sweep", "recordings")
SETTINGS = ("row",)
CAPTION = (
    "Above: the output spikes of the ten neurons at the quoted scale; a larger marker is "
    "several spikes in one step. Below: the most active neuron so far, and within a sliding "
    "window. The yellow band is the digit shown, where it is known. A network without an "
    "output spike predicts nothing and counts as wrong."
)


def draw(paths: Mapping[str, Path], settings: Mapping[str, Any]) -> Figure:
    """Draw a recording's output spikes at the quoted scale of the first seed and variant.

    Raises:
        StudyError: the file of output spikes is not whole.
    """
    row = settings["row"]
    table = read_table(paths["recordings"], RECORDING_TABLE)
    quoted = table[(table["recording"] == row["recording"]) & (table["chosen"] == 1)].iloc[0]
    try:
        sweep = stored_arrays(paths["sweep"])
        place = int(np.flatnonzero(np.isclose(sweep["scales"], quoted["scale"]))[0])
        spikes = [sweep[key][place] for key in ("spikes", "running", "sliding")]
        step_ms = float(sweep["step_us"]) / 1000
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise StudyError(
            f"{paths['sweep']}: is not a whole file of output spikes ({error}); delete it and run "
            "again."
        ) from error
    note = f"{quoted['variant']}, seed {quoted['seed']}, scale {quoted['scale']:.2f}"
    title = recording_title(row, "; ".join(filter(None, [row["data_note"], note])))
    label = "" if pd.isna(quoted["label"]) else int(quoted["label"])
    return plot(*spikes, step_ms, label, title)


@in_style
def plot(
    spikes: np.ndarray,
    running: np.ndarray,
    sliding: np.ndarray,
    step_ms: float,
    label: Any,
    title: str,
) -> Figure:
    """Output spikes of the ten neurons over time, and below them the prediction as it stands.

    `spikes` (time, 10) counts a step, `running` and `sliding` (time,) the most active neuron so
    far and within the sliding window, -1 for none; `step_ms` the length of a step in ms. `label`
    is empty where the digit shown is not known.
    """
    spikes = np.asarray(spikes, dtype=np.int64)
    n_steps = len(spikes)
    edges = np.arange(n_steps + 1) * step_ms / 1e3
    centres = (edges[:-1] + edges[1:]) / 2
    figure = new_figure(WIDTH_IN, 5.0)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(1.35, 1))
    shown = label_text(label)
    handles = []
    if shown:
        for axis in (top, bottom):
            axis.axhspan(int(shown) - 0.42, int(shown) + 0.42, color="#FFF3C4", zorder=0)
        handles.append(Patch(color="#FFF3C4", label=f"the digit shown: {shown}"))

    step, neuron = np.nonzero(spikes)
    if len(step):
        counts = spikes[step, neuron]
        most = int(counts.max())
        top.scatter(
            centres[step],
            neuron,
            s=_marker_area(counts, most),
            color=BLUE,
            linewidths=0,
            alpha=0.8,
            gid="spikes",
        )
        for count in sorted({1, math.ceil(most / 2), most}):
            size = math.sqrt(float(_marker_area(count, most)))
            name = "1 spike in a step" if count == 1 else f"{count} spikes"
            handles.append(marker_handle(BLUE, "o", name, size=size))
    else:
        sentence = "No output spike: the network stayed silent, which counts as wrong."
        centred(top, sentence)

    for values, colour, width, name in (
        (sliding, ORANGE, 5.0, "within the sliding window"),
        (running, BLACK, 1.6, "so far"),
    ):
        values = np.asarray(values, dtype=float)
        values = np.where(values < 0, np.nan, values)
        bottom.stairs(values, edges, baseline=None, color=colour, linewidth=width)
        handles.append(Line2D([], [], color=colour, linewidth=width, label=f"prediction {name}"))
    if not (np.asarray(running) >= 0).any():
        centred(bottom, "no prediction")

    for axis, text in ((top, "output neuron (digit)"), (bottom, "most active neuron")):
        axis.set_ylim(-0.6, N_DIGITS - 0.4)
        axis.set_yticks(range(N_DIGITS))
        axis.set_ylabel(text)
        axis.grid(axis="y")
        axis.set_axisbelow(True)
    bottom.set_xlim(0, edges[-1] if n_steps else 1)
    bottom.set_xlabel("time since the first event (s)")
    ending = "" if shown else " (the digit shown is not known)"
    top.set_title(wrapped(f"{title}: {int(spikes.sum()):,} output spikes{ending}", 95))
    outside_legend(figure, handles)
    return figure


def _marker_area(count: Any, most: int) -> Any:
    return 14 + 76 * np.asarray(count, dtype=float) / max(most, 4)
