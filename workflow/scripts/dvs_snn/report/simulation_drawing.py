"""From the simulation's tables to its figure files."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from dvs_snn.events.placement import counts, place, placement_of
from dvs_snn.files.tables import read_table
from dvs_snn.report import simulation_figures
from dvs_snn.report.figures import save
from dvs_snn.settings.set_names import REAL_TWINS
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.sources.split_table import open_recording, read_split

TWIN_DIGITS = (0, 2, 3, 5, 7, 9)
N_FAILURES = 20


def draw_twins(
    pairs: pd.DataFrame,
    ours: Mapping[str, np.ndarray],
    real: Mapping[str, np.ndarray],
    symbols: Symbols,
    outputs: Mapping[str, str],
) -> None:
    """Draw all pairs' event counts, and a few twins side by side.

    Args:
        ours, real: event maps by symbol; `real` is empty where the recordings are absent.
    """
    save(simulation_figures.plot_twin_counts(pairs), outputs["twin_counts"])
    shown = [
        next(symbol for symbol in pairs["symbol"] if symbols.label(symbol) == digit)
        for digit in TWIN_DIGITS
        if (pairs["label"] == digit).any()
    ]
    maps = [(s, real.get(s), ours[s], symbols.image(s)) for s in shown]
    save(simulation_figures.plot_twins(maps), outputs["twins"])


def _evenly(rows: pd.DataFrame, n: int) -> pd.DataFrame:
    places = np.unique(np.linspace(0, len(rows) - 1, min(n, len(rows))).astype(int))
    return rows.iloc[places]


def misread(
    predictions: pd.DataFrame, split: pd.DataFrame, scenes: Mapping[str, dict], n: int
) -> list[tuple[np.ndarray, int, int | None, str]]:
    """Return up to `n` recordings of one set that the first network misreads.

    Args:
        predictions: the set's predictions at the chosen scales.
        split: the set's split table.
        scenes: sensor size and placement by scene.

    Returns:
        (events per network pixel (64, 64), digit shown, digit read or None, name) of each.
    """
    if predictions.empty:
        return []
    first = predictions.iloc[0]
    mine = predictions[
        (predictions["variant"] == first["variant"]) & (predictions["seed"] == first["seed"])
    ]
    wrong = mine[~(mine["predicted"] == mine["label"]).fillna(False)]
    found = []
    for row in _evenly(wrong, n).itertuples() if len(wrong) else ():
        where = split[split["recording"] == row.recording].iloc[0]
        settings = scenes[where["scene"]]
        recording = open_recording(where["file"], where["sha256"], settings["sensor_size"])
        placed = place(recording, placement_of(settings))
        predicted = None if pd.isna(row.predicted) else int(row.predicted)
        seen = counts(placed.row, placed.column)
        found.append((seen, int(row.label), predicted, f"{row.set} {row.symbol}"))
    return found


def draw_simulation(inputs: Mapping, scenes: Mapping[str, dict], outputs: Mapping) -> None:
    """Draw calibration, sensitivity and misread recordings from the tables."""
    figure = simulation_figures.plot_calibration(read_table(inputs["calibration"]))
    save(figure, outputs["calibration"])
    figure = simulation_figures.plot_sensitivity(read_table(inputs["sensitivity"]))
    save(figure, outputs["sensitivity"])
    predictions = read_table(inputs["predictions"])
    chosen = predictions[predictions["chosen"] == 1]
    splits = [read_split(path) for path in inputs["splits"]]
    share = N_FAILURES // len(splits)
    rows = [
        found
        for split in splits
        for found in misread(chosen[chosen["set"] == split["split"].iloc[0]], split, scenes, share)
    ]
    has_real = any(split["split"].iloc[0] == REAL_TWINS for split in splits)
    title = "Misread recordings: simulated" + (" and real twins" if has_real else "")
    save(simulation_figures.plot_failures(rows, title), outputs["failures"])
