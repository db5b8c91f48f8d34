"""Axes of accuracy: lines with intervals, and stars at the quoted scales."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from dvs_snn.report.cells import flagged, spiking
from dvs_snn.report.style import BLACK, GREY, PERCENT, marker_handle, reach
from dvs_snn.settings.set_names import VALIDATION


def accuracy_line(axis: Axes, part: pd.DataFrame, column: str, run: dict[str, str]) -> None:
    """One seed's accuracies with their intervals, and a star at the chosen scale."""
    part = part[part["accuracy"].notna()]
    accuracy, low, high = (part[f"accuracy{end}"] for end in ("", "_low", "_high"))
    lines = axis.errorbar(
        part[column], accuracy, yerr=reach(accuracy, low, high), marker="o", markersize=4,
        elinewidth=0.9, capsize=2.5, **run,
    )  # fmt: skip
    for bar in (*lines[1], *lines[2]):
        bar.set_alpha(0.55)
    starred = flagged(part["chosen"])
    axis.plot(part[column][starred], accuracy[starred], **star(run["color"]))


def accuracy_axis(axis: Axes) -> None:
    """An axis from 0 to 100 %."""
    axis.set_ylim(-0.03, 1.05)
    axis.yaxis.set_major_formatter(PERCENT)


def star(colour: str) -> dict[str, Any]:
    """How a star is drawn."""
    return {
        "marker": "*",
        "markersize": 15,
        "linestyle": "none",
        "color": colour,
        "markeredgecolor": BLACK,
        "markeredgewidth": 0.8,
        "zorder": 5,
    }


def star_label(evaluation: pd.DataFrame) -> str:
    """Without a validation set nothing could be chosen, and the network as converted is quoted."""
    validated = (spiking(evaluation)["set"] == VALIDATION).any()
    return "scale chosen on validation" if validated else "scale quoted: the nearest to 1"


def interval_handle() -> Line2D:
    """A legend entry for the bars."""
    return marker_handle(GREY, "|", "95 % interval over symbols", size=11)


def size_text(rows: pd.DataFrame) -> str:
    """How many recordings and symbols a set holds."""
    parts = []
    for column, word in (("n_recordings", "recording"), ("n_symbols", "symbol")):
        count = int(rows[column].max())
        parts.append(f"{count:,} {word}{'s' if count != 1 else ''}")
    return ", ".join(parts)
