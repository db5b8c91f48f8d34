"""What a finished study's network reads in recordings as they lie and flipped or turned."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from dvs_snn.engines.spiking import Spiking, engine_of, open_spiking
from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import read_table
from dvs_snn.recordings.folders.split_table import open_recording
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.plausibility.orientations import ORIENTATIONS, together
from dvs_snn.recordings.plausibility.pictures import spread
from dvs_snn.recordings.steps import bin_steps
from dvs_snn.report import text
from dvs_snn.report.table import table_html
from dvs_snn.settings.inference import InferenceSettings

MOST_RECORDINGS = 100
"""Recordings that the network reads in each orientation."""


def open_network(settings: Mapping[str, Any], results: Path) -> tuple[str, Spiking | None]:
    """Open the network that gives a whole study's answer: of the best method, at its chosen scale.

    Returns what it is, and the network; empty and None if the study hasn't chosen one.
    """
    path, own = results / "tables" / "choice.csv", InferenceSettings(**settings["inference"])
    quoted = Quoted.of(read_table(path, "choice")) if path.exists() else None
    if quoted is None or quoted.best is None:
        return "", None
    point, seed = quoted.points[quoted.best], settings["seeds"][0]
    engine = engine_of(own.engine, own.device)
    file = results / "networks" / point.variant / f"seed-{seed}{engine.suffix}"
    if not file.exists():
        return "", None
    network = open_spiking(file, point.scale, own)
    name = f"variant {point.variant}, seed {seed}, scale {point.scale:.2f}"
    return f"{name}, chosen for {quoted.best}", network


def read_all_ways(
    network: Spiking, rows: pd.DataFrame, lie: Placement, step_us: int, progress: Progress
) -> pd.DataFrame:
    """Let a network read some recordings of a split table in every orientation.

    Returns a row an orientation, as they lie first, with its settings `flip` and `rotate`: `n`
    recordings, the share read `right`, the mean `lead` in spikes of the most active output neuron
    over the second, how many leave the network `silent`. One too long raises a StudyError.
    """
    rows = rows.iloc[spread(rows["label"], max(MOST_RECORDINGS // rows["label"].nunique(), 1))]
    ways = [together((lie.flip, lie.rotate), way) for way in ORIENTATIONS]
    found = []
    with progress.bar(len(rows), "recording", "read in eight orientations") as bar:
        for row in rows.itertuples():
            recording = open_recording(row)
            # One at a time: eight copies of a long recording would fill the memory.
            for flip, rotate in ways:
                placed = place(recording, Placement(lie.zoom, rotate, flip))
                (response,) = network.respond([bin_steps(placed, step_us)])
                second, best = np.sort(response.spikes.sum(axis=0))[-2:]
                read = response.predicted
                found.append((flip, rotate, read == row.label, int(best - second), read is None))
            bar.advance(1)
    table = pd.DataFrame(found, columns=["flip", "rotate", "right", "lead", "silent"])
    ways_table = table.groupby(["flip", "rotate"], sort=False, as_index=False)
    return ways_table.agg({"right": "mean", "lead": "mean", "silent": "sum"}).assign(n=len(rows))


def ways_words(ways: pd.DataFrame) -> str:
    """Say in which orientation the network reads best, beside as they lie."""
    lie, best = ways.iloc[0], ways.loc[ways["right"].idxmax()]
    other = f"{text.percent(best['right'])} with flip: {best['flip']}, rotate: {best['rotate']}"
    other = other if best["right"] > lie["right"] else "no more in any other orientation"
    right = f"{text.percent(lie['right'])} of {lie['n']} recordings right as they lie"
    return f"The network reads {right}, and {other}."


def ways_html(ways: pd.DataFrame) -> Markup | None:
    """Return the table of what the network reads in each orientation."""
    rows = [
        {
            "orientation": f"flip: {way.flip}, rotate: {way.rotate}{' (as they lie)' * (not n)}",
            "read right": text.percent(way.right),
            "mean lead (spikes)": f"{way.lead:.1f}",
            "silent": text.count(way.silent),
        }
        for n, way in enumerate(ways.itertuples())
    ]
    caption = "The lead is the spikes of the most active output neuron, minus those of the second"
    return table_html(rows, caption)
