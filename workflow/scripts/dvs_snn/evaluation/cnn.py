"""Runs the CNN on the frames of whole recordings."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from dvs_snn.files.job import Progress
from dvs_snn.files.tables import growing_table, write_table
from dvs_snn.networks.conversion import load_weights
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.set_names import FRAMES
from dvs_snn.training.material import accuracy_on_test_frames


def ann_predict(cnn: nn.Sequential, frames: Sequence[np.ndarray]) -> int | None:
    """Return the argmax of the CNN's outputs, summed over frames, each uint8 (1, height, width).

    None where all outputs are zero, which is wrong as a silent spiking network is.
    """
    if not len(frames):
        return None
    chunks = torch.from_numpy(np.stack(frames)).float().split(256)
    with torch.no_grad():
        total = sum(cnn(chunk).sum(dim=0) for chunk in chunks)
    return int(total.argmax()) if float(total.max()) > 0 else None


def read_sets(
    weights: Path,
    events: list[Path],
    recorded: list[Path],
    placements: list[dict[str, Placement]],
    sets: list[str],
    frames: FrameRule,
    compute_threads: int,
    table: Path,
    progress: Progress,
) -> None:
    """Let the CNN read the frames of stored `sets`; write `readings`, empty where all is zero."""
    torch.set_num_threads(compute_threads)
    _, cnn, _ = load_weights(weights)
    with growing_table(table, "readings") as add:
        for name, *stored in zip(sets, events, recorded, placements, strict=True):
            rows, of_set = [], open_store(*stored)
            with progress.bar(len(of_set), "recording", name) as bar:
                for recording in of_set:
                    pixels = [frame.pixels for frame in recording.frames(frames)]
                    reading = {"ann_predicted": ann_predict(cnn, pixels), "ann_frames": len(pixels)}
                    about = {"recording": recording.recording, "sha256": recording.sha256}
                    rows.append({"set": name, **about, **reading})
                    bar.advance(1)
            add(pd.DataFrame(rows))


def read_test_frames(
    weights: Path, frames: Path, index: Path, variant: str, seed: int, row: Path, progress: Progress
) -> None:
    """Measure the CNN on the test block of the tutorial's frames; write the set `frames`.

    It has no interval: frames of one symbol aren't independent, and symbols are unknown.
    """
    _, cnn, _ = load_weights(weights)
    accuracy, n_frames = accuracy_on_test_frames(cnn, frames, index)
    key = {"set": FRAMES, "variant": variant, "seed": seed}
    table = pd.DataFrame([{**key, "ann_accuracy": accuracy, "n_frames": n_frames}])
    write_table(table, row, "frames_rows")
    progress.say(f"accuracy {accuracy:.4f} on {n_frames} frames")
