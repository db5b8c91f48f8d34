"""The recordings of trainings through time: simulated and stored, never files of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.recordings.store.event_store import StoredRecording, store_recordings
from dvs_snn.simulation.simulating import made_of_takes
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import Take, training_takes, varied_take


@dataclass(frozen=True, eq=False)
class _TrainingRecordings:
    """Makes one training recording."""

    symbols: Symbols
    simulation: dict
    seed: int

    def of(self, take: Take) -> StoredRecording:
        plan = self.simulation["training"][take.scene]
        recording = varied_take(take, self.symbols, self.simulation, self.seed, plan["step_ms"])
        # Never a file of its own, so it has no hash.
        about = take.full_name, take.symbol, take.label, take.scene, ""
        return StoredRecording(*about, recording)


def with_recordings(simulation: dict, recordings: Mapping[str, Any]) -> dict:
    """Return the simulation's settings with other training recordings of each symbol.

    Args:
        recordings: their number by scene, and the sizes of MNIST-DVS, ``scales``. None leaves the
            number or the sizes as they are.
    """
    changes = {scene: {"recordings": recordings[scene]} for scene in simulation["training"]}
    changes["mnist-dvs"]["scales"] = recordings["scales"]
    training = {
        scene: plan | {key: new for key, new in changes[scene].items() if new is not None}
        for scene, plan in simulation["training"].items()
    }
    return simulation | {"training": training}


def store_simulated(
    symbols: Symbols,
    simulation: dict,
    seed: int,
    processes: int,
    array_path: Path,
    table_path: Path,
    progress: Progress,
) -> pd.DataFrame:
    """Make the training recordings one by one and store them.

    Args:
        processes: number of processes that simulate side by side; results don't depend on it.

    Returns:
        The table of `event_store.store_recordings`.

    Raises:
        StudyError: not a single recording.
    """
    takes = training_takes(simulation, symbols)
    maker = _TrainingRecordings(symbols, simulation, seed)

    def recordings() -> Iterator[StoredRecording]:
        with progress.bar(len(takes), "recording", "training") as bar:
            for recording in made_of_takes(maker, takes, processes):
                yield recording
                bar.advance(1)

    return store_recordings(recordings(), array_path, table_path)
