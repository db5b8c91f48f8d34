"""What all contestants share: one network and one list of binned recordings."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.study import read_configs


@dataclass(frozen=True)
class Material:
    """Files that the workers read, and a sentence on where each comes from."""

    network: Path
    recordings: Path
    origin: str


def save_steps(path: Path, recordings: list[StepEvents]) -> None:
    """Store binned recordings in one NPZ file."""
    np.savez(
        path,
        step=np.concatenate([recording.step for recording in recordings]),
        row=np.concatenate([recording.row for recording in recordings]),
        column=np.concatenate([recording.column for recording in recordings]),
        n_steps=np.array([recording.n_steps for recording in recordings]),
        n_events=np.array([len(recording.step) for recording in recordings]),
    )


def load_steps(path: Path) -> list[StepEvents]:
    """Load what `save_steps` stored."""
    with np.load(path) as stored:
        arrays = {key: stored[key] for key in stored.files}
    ends = np.cumsum(arrays["n_events"])
    return [
        StepEvents(
            arrays["step"][stop - n : stop],
            arrays["row"][stop - n : stop],
            arrays["column"][stop - n : stop],
            int(n_steps),
            0,
        )
        for stop, n, n_steps in zip(ends, arrays["n_events"], arrays["n_steps"], strict=True)
    ]


def prepare(results: Path, scratch: Path, n_recordings: int) -> Material:
    """Gather a finished study's network and test recordings.

    Args:
        results: folder of the study's results.
        scratch: folder for files that the workers read.
        n_recordings: how many at most, evenly over the set.
    """
    settings = read_configs([results / "config.used.yaml"])
    # A copy: the study may run again meanwhile.
    network = shutil.copyfile(
        results / "networks" / "plain" / "seed-1.safetensors", scratch / "network.safetensors"
    )
    scenes = settings.simulation.scenes.items()
    placements = {name: placement_of(section) for name, section in scenes}
    stored = open_store(*(results / "events" / f"test.{end}" for end in ("npy", "csv")), placements)
    step_us = settings.inference.step_us
    recordings = [recording.in_steps(step_us).steps for recording in stored.evenly(n_recordings)]
    save_steps(scratch / "recordings.npz", recordings)
    origin = f"the trained network of seed 1, {len(recordings)} of {len(stored)} test recordings"
    return Material(network, scratch / "recordings.npz", origin)
