"""Writes sets of simulated recordings as folders of files, as real recordings come."""

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.files.atomic import scratch_folder
from dvs_snn.files.job import Progress
from dvs_snn.recordings.folders.split_table import split_row
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.recording import EventRecording, write_recording
from dvs_snn.simulation.scene_formats import SUFFIXES
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import Take, nominal_sensor, nominal_take, set_takes


def write_set(
    name: str,
    scenes: Sequence[str],
    part: str,
    symbols: Symbols,
    simulation: dict,
    seed: int,
    folder: Path,
    progress: Progress,
) -> pd.DataFrame:
    """Make a set's recordings and write them as ``<folder>/<digit>/<file>``.

    Scene and sensor are the nominal ones.

    Args:
        scenes: the set holds a recording of each symbol in each of these.
        part: whose symbols the set shows, ``validation`` or ``test``.

    The folder appears whole or not at all.

    Returns:
        A row per recording, with the columns of the split table.
    """
    takes = [take for scene in scenes for take in set_takes(simulation, symbols, scene, part)]
    sensors = {scene: nominal_sensor(simulation, scene, seed) for scene in scenes}

    rows = []
    with scratch_folder(folder) as scratch:
        whole = scratch / "set"
        with progress.bar(len(takes), "recording", name) as bar:
            for take in takes:
                recording = nominal_take(take, symbols, simulation, sensors[take.scene], seed)
                file = f"{take.name}{SUFFIXES[take.scene]}"
                (whole / file).parent.mkdir(parents=True, exist_ok=True)
                write_recording(whole / file, recording)
                row = split_row(
                    file, whole / file, take.symbol, take.label, name, recording,
                    placement_of(simulation["scenes"][take.scene]), take.scene,
                )  # fmt: skip
                rows.append(row | {"file": str(folder / file)})
                bar.advance(1)
        os.replace(whole, folder)
    return pd.DataFrame(rows)


def write_shown(
    symbol: str, index: int, symbols: Symbols, simulation: dict, seed: int, path: Path
) -> EventRecording:
    """Write a recording A, B, C: a test symbol on paper, held by hand; `index` tells them apart."""
    sensor = nominal_sensor(simulation, "paper", seed)
    shown = Take("paper", symbol, symbols.label(symbol), None, index)
    recording = nominal_take(shown, symbols, simulation, sensor, seed)
    write_recording(path, recording)
    return recording
