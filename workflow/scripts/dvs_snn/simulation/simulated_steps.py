"""The time steps that training reads, from recordings that are simulated and never stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.recordings.placement import place, placement_of
from dvs_snn.recordings.store.samples import BinnedRecording, PlacedRecording, binned
from dvs_snn.recordings.store.step_store import store_steps
from dvs_snn.simulation.simulating import made_of_takes
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import Take, training_takes, varied_take


@dataclass(frozen=True, eq=False)
class _TrainingSteps:
    """Makes one training recording in time steps."""

    symbols: Symbols
    simulation: dict
    step_us: int
    seed: int

    def of(self, take: Take) -> BinnedRecording:
        scene, plan = (self.simulation[part][take.scene] for part in ("scenes", "training"))
        recording = varied_take(take, self.symbols, self.simulation, self.seed, plan["step_ms"])
        placed = place(recording, placement_of(scene))
        # Never stored as a file, so it has no hash.
        whole = PlacedRecording(take.full_name, take.symbol, take.label, "", placed)
        return binned(whole, self.step_us)


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
    step_us: int,
    seed: int,
    processes: int,
    array_path: Path,
    table_path: Path,
    progress: Progress,
) -> pd.DataFrame:
    """Make the training recordings one by one and store their time steps, not the recordings.

    Args:
        step_us: length of a time step in microseconds.
        processes: number of processes that simulate side by side; results don't depend on it.

    Returns:
        The table of `step_store.store_steps`.

    Raises:
        StudyError: not a single recording.
    """
    takes = training_takes(simulation, symbols)
    maker = _TrainingSteps(symbols, simulation, step_us, seed)

    def recordings() -> Iterator[BinnedRecording]:
        with progress.bar(len(takes), "recording", "training") as bar:
            for recording in made_of_takes(maker, takes, processes):
                yield recording
                bar.advance(1)

    return store_steps(recordings(), array_path, table_path)
