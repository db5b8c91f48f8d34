"""Sets of simulated recordings as folders of files, just as real ones come."""

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.events.recording import EventRecording, write_aedat, write_nmnist
from dvs_snn.files.atomic import scratch_folder
from dvs_snn.files.job import Progress
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import (
    Take,
    nominal_sensor,
    nominal_take,
    set_takes,
    varied_take,
)
from dvs_snn.sources.split import split_row

_WRITERS = {"saccades": (".bin", write_nmnist)}
_DEFAULT_WRITER = (".aedat", write_aedat)


def write_set(
    name: str,
    scenes: Sequence[str],
    part: str,
    varied: bool,
    symbols: Symbols,
    simulation: dict,
    seed: int,
    folder: Path,
    progress: Progress,
) -> pd.DataFrame:
    """Make a set's recordings and write them as ``<folder>/<digit>/<file>``.

    Args:
        scenes: the set holds a recording of each symbol in each of these.
        part: whose symbols the set shows, ``validation`` or ``test``.
        varied: the recordings vary as training's do; else scene and sensor are the nominal ones.

    The scene ``saccades`` gives N-MNIST's ``.bin`` files, the others AEDAT 2.0: what reads the
    published data reads these too. The folder appears whole or not at all.

    Returns:
        A row per recording, with the columns of the split table.
    """
    takes = [take for scene in scenes for take in set_takes(simulation, symbols, scene, part)]
    sensors = {scene: nominal_sensor(simulation, scene, seed) for scene in scenes}

    def make(take: Take) -> EventRecording:
        if varied:
            return varied_take(take, symbols, simulation, seed)
        return nominal_take(take, symbols, simulation, sensors[take.scene], seed)

    rows = []
    with scratch_folder(folder) as scratch:
        whole = scratch / "set"
        with progress.bar(len(takes), "recording", name) as bar:
            for take in takes:
                recording = make(take)
                suffix, write = _WRITERS.get(take.scene, _DEFAULT_WRITER)
                file = f"{take.name}{suffix}"
                (whole / file).parent.mkdir(parents=True, exist_ok=True)
                write(whole / file, recording)
                row = split_row(
                    file, whole / file, take.symbol, take.label, name, recording, take.scene
                )
                rows.append(row | {"file": str(folder / file)})
                bar.advance(1)
        os.replace(whole, folder)
    return pd.DataFrame(rows)


def write_shown(
    symbol: str, take: int, symbols: Symbols, simulation: dict, seed: int, path: Path
) -> EventRecording:
    """Make a recording A, B, C: a test symbol on paper, held by hand; write it as AEDAT 2.0.

    Args:
        take: another number holds the same symbol another time.
    """
    sensor = nominal_sensor(simulation, "paper", seed)
    shown = Take("paper", symbol, symbols.label(symbol), None, take)
    recording = nominal_take(shown, symbols, simulation, sensor, seed)
    write_aedat(path, recording)
    return recording
