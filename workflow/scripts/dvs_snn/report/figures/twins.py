"""Drawn digits, and the events of their simulated and real recordings."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.probes.pairs import event_map
from dvs_snn.recordings.folders.split_table import open_recording, read_split
from dvs_snn.report import style
from dvs_snn.report.style import Figure
from dvs_snn.simulation.symbols import read_symbols

TITLE = "twins"
CATEGORY = "5 Simulation"
SUFFIX = ".png"
CAPTION = (
    "Drawn digits and the events per pixel of their simulated recordings, above those of the "
    "real N-MNIST recordings where the study had them."
)

DIGITS = (0, 2, 3, 5, 7, 9)

Twin = tuple[str, np.ndarray | None, np.ndarray, np.ndarray]
"""Symbol, real event map or None, simulated event map, drawn digit."""


def draw(pairs: pd.DataFrame, symbols: Path, ours: Path, real: Path | list[Path]) -> Figure:
    """Draw the first pair of six digits; without real recordings their places are left out."""
    drawn = read_symbols(symbols)
    shown = [
        next(symbol for symbol in pairs["symbol"] if drawn.label(symbol) == digit)
        for digit in DIGITS
        if (pairs["label"] == digit).any()
    ]
    simulated, recorded = (_maps(path, shown) if path else {} for path in (ours, real))
    return plot([(s, recorded.get(s), simulated[s], drawn.image(s)) for s in shown])


def _maps(path: Path, symbols: Sequence[str]) -> dict[str, np.ndarray]:
    split = read_split(path)
    return {
        row.symbol: event_map(open_recording(row))
        for row in split[split["symbol"].isin(symbols)].itertuples()
    }


def plot(maps: Sequence[Twin]) -> Figure:
    """Columns of symbols: the drawn digit, its simulated event map, and the real one if there.

    `maps` holds (symbol, real map or None, simulated map, image): maps (height, width) of events
    per pixel, the image (28, 28). One scale of grey for all maps.
    """
    if not maps:
        return style.sentence_figure("There is no symbol to show.", "Simulated and real event maps")
    has_real = any(real is not None for _, real, _, _ in maps)
    kinds = ["drawn digit", "simulated", *(["real (N-MNIST)"] if has_real else [])]
    events = [m for _, real, ours, _ in maps for m in (real, ours) if m is not None]
    full = max(float(np.percentile(np.concatenate([m.ravel() for m in events]), 99.5)), 1.0)
    panel = (style.WIDTH_IN - 1.5) / max(len(maps), 4)
    figure = style.new_figure(style.WIDTH_IN, len(kinds) * (panel + 0.03) + 0.6)
    grid = figure.subplots(len(kinds), len(maps), squeeze=False)
    for column, (symbol, real, ours, drawn) in enumerate(maps):
        style.picture(grid[0, column], drawn, drawn.max())
        image = style.picture(grid[1, column], ours, full)
        if real is not None:
            image = style.picture(grid[2, column], real, full)
        elif has_real:
            axis = grid[2, column]
            axis.set(xticks=[], yticks=[])
            style.framed(axis)
            axis.text(0.5, 0.5, "not there", ha="center", va="center", transform=axis.transAxes)
        grid[0, column].set_title(str(symbol), parse_math=False)
    for axis, kind in zip(grid[:, 0], kinds, strict=True):
        axis.set_ylabel(kind)
    extend = "max" if max(m.max() for m in events) > full else "neither"
    axes = list(grid[1:].ravel())
    figure.colorbar(image, ax=axes, label="events per pixel", extend=extend, aspect=25)
    title = "Symbols and the event maps of their simulated and real recordings"
    if not has_real:
        title = "Symbols and the event maps of their simulated recordings (the real were not there)"
    figure.suptitle(title)
    return figure
