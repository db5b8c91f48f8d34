"""What all contestants share: one network, one list of binned recordings, one set of frames."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dvs_snn.files.arrays import evenly_picked
from dvs_snn.recordings.frames import open_frames, read_index, split_rows
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.study import as_dict, read_configs


@dataclass(frozen=True)
class Material:
    """Files that the workers read, and a sentence on where each comes from."""

    network: Path
    recordings: Path
    frames: Path
    folder: Path
    config: dict
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


def save_frames(scratch: Path, frames: np.ndarray, labels: np.ndarray) -> Path:
    """Store the frames twice: packed, and as the tutorial has them, a PNG file each."""
    from PIL import Image

    np.save(scratch / "frames.npy", frames)
    np.save(scratch / "labels.npy", labels)
    folder = scratch / "png"
    for number, (frame, label) in enumerate(zip(frames, labels, strict=True)):
        path = folder / str(label) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(frame[0]).save(path)
    return folder


def prepare(results: Path, scratch: Path, n_recordings: int, n_frames: int) -> Material:
    """Gather a finished study's network, test recordings and training frames.

    Args:
        results: folder of the study's results.
        scratch: folder for files that the workers read.
        n_recordings, n_frames: how many at most, evenly over the set.
    """
    settings = read_configs([results / "config.used.yaml"])
    config = as_dict(settings)
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
    index = read_index(results / "frames" / "index.csv", ["label", "split"])
    rows = split_rows(index, "train")
    rows = rows[evenly_picked(n_frames, len(rows))]
    pixels = open_frames(results / "frames" / "frames.npy")[rows]
    folder = save_frames(scratch, pixels, index["label"].to_numpy()[rows])
    origin = (
        f"the trained network of seed 1, {len(recordings)} of {len(stored)} test recordings, "
        f"{len(rows)} of its training frames"
    )
    frames = scratch / "frames.npy"
    return Material(network, scratch / "recordings.npz", frames, folder, config, origin)
