"""Writes sets of simulated recordings as folders of files, as real recordings come."""

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.files.atomic import scratch_folder
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import join_tables, write_table
from dvs_snn.recordings.folders.folder import SourceFile
from dvs_snn.recordings.folders.split_table import split_row
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.recording import write_recording
from dvs_snn.settings.simulation_settings import SceneSettings
from dvs_snn.simulation.drawn_symbols import read_symbols
from dvs_snn.simulation.takes import Take, nominal_sensor, nominal_take, set_takes


@dataclass(frozen=True)
class SimulateSetJob:
    """What the rule `simulate_set` gives.

    Attributes:
        scenes: the set holds a recording of each symbol in each of these.
        part: whose symbols the set shows, ``validation`` or ``test``.
        simulation: settings of the scenes, as the set changes them.
        table: the split table of the recordings in `folder`.
    """

    symbols: Path
    set: str
    scenes: list[str]
    part: str
    simulation: SceneSettings
    seed: int
    folder: Path
    table: Path


def simulate_set(job: SimulateSetJob, progress: Progress) -> None:
    """Make a set's recordings as ``<folder>/<digit>/<file>``, and list them (rule simulate_set).

    Scene and sensor are the nominal ones. The folder appears whole or not at all.
    """
    simulation = job.simulation
    symbols = read_symbols(job.symbols)
    sensors = {scene: nominal_sensor(simulation, scene, job.seed) for scene in job.scenes}
    takes = [
        take for scene in job.scenes for take in set_takes(simulation, symbols, scene, job.part)
    ]

    rows = []
    bar_of_takes = progress.bar(len(takes), "recording", job.set)
    with scratch_folder(job.folder) as scratch, bar_of_takes as bar:
        whole = scratch / "set"
        for take in takes:
            scene = simulation.scenes[take.scene]
            recording = nominal_take(take, symbols, simulation, sensors[take.scene], job.seed)
            name = f"{take.name}{scene.suffix}"
            file = whole / name
            file.parent.mkdir(parents=True, exist_ok=True)
            write_recording(file, recording)
            source = SourceFile(name, file, take.label, take.symbol)
            row = split_row(source, job.set, recording, placement_of(scene), take.scene)
            rows.append(row | {"file": str(job.folder / name)})
            bar.advance(1)
        os.replace(whole, job.folder)
    write_table(pd.DataFrame(rows), job.table, "split")


@dataclass(frozen=True)
class SimulateRecordingJob:
    """What the rule `simulate_recording` gives.

    Attributes:
        symbol: the test symbol that the recording shows.
        take: tells several recordings of the symbol apart.
        simulation: settings of the scene ``paper``.
    """

    symbols: Path
    symbol: str
    take: int
    simulation: SceneSettings
    seed: int
    file: Path


def simulate_recording(job: SimulateRecordingJob, progress: Progress) -> None:
    """Write a recording A, B, C: a test symbol on paper, held by hand (rule simulate_recording)."""
    symbols = read_symbols(job.symbols)
    sensor = nominal_sensor(job.simulation, "paper", job.seed)
    take = Take("paper", job.symbol, None, job.take)
    made = nominal_take(take, symbols, job.simulation, sensor, job.seed)
    write_recording(job.file, made)
    progress.say(f"{made.n_events} events in {made.duration_s:.2f} s")


@dataclass(frozen=True)
class ListRecordingsJob:
    """What the rule `list_recordings` gives: the split tables of sets, and that of all."""

    tables: list[Path]
    table: Path


def list_recordings(job: ListRecordingsJob, progress: Progress) -> None:
    """List the recordings of all simulated sets in one split table (rule list_recordings)."""
    rows = join_tables(job.tables, "split")
    write_table(rows, job.table, "split")
    progress.say(f"{len(rows)} recordings of {rows['symbol'].nunique()} symbols")
