"""Writes sets of simulated recordings as folders of files, as real recordings come."""

import os
from pathlib import Path

import pandas as pd

from dvs_snn.files.atomic import scratch_folder
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.folder import SourceFile
from dvs_snn.recordings.folders.split_table import split_row
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.recording import write_recording
from dvs_snn.settings.simulation import SceneSettings
from dvs_snn.simulation.symbols import read_symbols
from dvs_snn.simulation.takes import Take, nominal_sensor, nominal_take, set_takes


def simulate_set(
    set: str,
    scenes: list[str],
    part: str,
    symbols: Path,
    simulation: SceneSettings,
    seed: int,
    folder: Path,
    table: Path,
    progress: Progress,
) -> None:
    """Make a set's recordings as ``<folder>/<digit>/<file>``, and list them (rule simulate_set).

    Scene and sensor are the nominal ones. The folder appears whole or not at all.

    Args:
        set: its name.
        scenes: the set holds a recording of each symbol in each of these.
        part: whose symbols the set shows, ``validation`` or ``test``.
        table: the split table, a row per recording.
    """
    digits = read_symbols(symbols)
    takes = [take for scene in scenes for take in set_takes(simulation, digits, scene, part)]
    sensors = {scene: nominal_sensor(simulation, scene, seed) for scene in scenes}
    rows = []
    with scratch_folder(folder) as scratch, progress.bar(len(takes), "recording", set) as bar:
        whole = scratch / "set"
        for take in takes:
            scene = simulation.scenes[take.scene]
            recording = nominal_take(take, digits, simulation, sensors[take.scene], seed)
            file = f"{take.name}{scene.suffix}"
            (whole / file).parent.mkdir(parents=True, exist_ok=True)
            write_recording(whole / file, recording)
            source = SourceFile(file, whole / file, take.label, take.symbol)
            row = split_row(source, set, recording, placement_of(scene), take.scene)
            rows.append(row | {"file": str(folder / file)})
            bar.advance(1)
        os.replace(whole, folder)
    write_table(pd.DataFrame(rows), table, "split")


def simulate_recording(
    symbols: Path,
    symbol: str,
    take: int,
    simulation: SceneSettings,
    seed: int,
    file: Path,
    progress: Progress,
) -> None:
    """Write a recording A, B, C: a test symbol on paper, held by hand (rule simulate_recording).

    Args:
        take: tells several recordings of the symbol apart.
    """
    digits = read_symbols(symbols)
    sensor = nominal_sensor(simulation, "paper", seed)
    shown = Take("paper", symbol, digits.label(symbol), None, take)
    made = nominal_take(shown, digits, simulation, sensor, seed)
    write_recording(file, made)
    progress.say(f"{made.n_events} events in {made.duration_s:.2f} s")
