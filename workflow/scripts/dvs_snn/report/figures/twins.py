"""Drawn digits, and the events of their simulated and real recordings."""

from collections.abc import Mapping, Sequence
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


def draw(pairs: pd.DataFrame, symbols: Path, ours: Path, real: Path | list[Path]) -> Figure:
    """Draw the first pair of six digits; without real recordings their places are left out."""
    firsts = pairs[pairs["label"].isin(DIGITS)].drop_duplicates("label").sort_values("label")
    drawn, shown = read_symbols(symbols), firsts["symbol"].tolist()
    rows = {"drawn digit": [drawn.image(symbol) for symbol in shown]}
    rows |= {"simulated": _maps(ours, shown)}
    return plot(shown, rows | ({"real (N-MNIST)": _maps(real, shown)} if real else {}))


def _maps(path: Path, symbols: Sequence[str]) -> list[np.ndarray]:
    recordings = read_split(path).set_index("symbol", drop=False)
    return [event_map(open_recording(recordings.loc[symbol])) for symbol in symbols]


def plot(symbols: Sequence[str], rows: Mapping[str, Sequence[np.ndarray]]) -> Figure:
    """Columns of symbols: the drawn digit, and below it the maps, in one scale of grey.

    Args:
        symbols: their names.
        rows: images (28, 28) by symbol, then maps (height, width) of events per pixel: simulated
            ones, and real ones if there.
    """
    if not symbols:
        return style.sentence_figure("There is no symbol to show.", "Simulated and real event maps")
    images, *kinds = rows.values()
    maps = [counts for kind in kinds for counts in kind]
    events = np.concatenate([counts.ravel() for counts in maps])
    full = max(float(np.percentile(events, 99.5)), 1.0)
    panel = (style.WIDTH_IN - 1.5) / max(len(symbols), 4)
    figure = style.new_figure(style.WIDTH_IN, len(rows) * (panel + 0.03) + 0.6)
    grid = figure.subplots(len(rows), len(symbols), squeeze=False)
    for axis, symbol, drawn in zip(grid[0], symbols, images, strict=True):
        style.picture(axis, drawn, drawn.max())
        axis.set_title(symbol, parse_math=False)
    for axis, counts in zip(grid[1:].ravel(), maps, strict=True):
        image = style.picture(axis, counts, full)
    for axis, kind in zip(grid[:, 0], rows, strict=True):
        axis.set_ylabel(kind)
    extend = "max" if events.max() > full else "neither"
    axes = list(grid[1:].ravel())
    figure.colorbar(image, ax=axes, label="events per pixel", extend=extend, aspect=25)
    title = "Symbols and the event maps of their simulated and real recordings"
    if len(kinds) == 1:
        title = "Symbols and the event maps of their simulated recordings (the real were not there)"
    figure.suptitle(title)
    return figure
