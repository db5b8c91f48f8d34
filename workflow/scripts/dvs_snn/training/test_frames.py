"""The CNN on the test block of the tutorial's frames, which belong to no recording."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.tables import write_table
from dvs_snn.networks.conversion import load_weights
from dvs_snn.settings.set_names import FRAMES
from dvs_snn.training.material import accuracy_on_test_frames


@dataclass(frozen=True)
class ReadTestFramesJob:
    """What the rule `evaluate_frames` gives."""

    weights: Path
    frames: Path
    index: Path
    variant: str
    seed: int
    row: Path


def read_test_frames(job: ReadTestFramesJob, progress: Progress) -> None:
    """Measure the CNN on the test block of the tutorial's frames; write the set `frames`.

    It has no interval: frames of one symbol aren't independent, and symbols are unknown.
    """
    _, cnn, _ = load_weights(job.weights)
    accuracy, n_frames = accuracy_on_test_frames(cnn, job.frames, job.index)
    row = {
        "set": FRAMES,
        "variant": job.variant,
        "seed": job.seed,
        "cnn_accuracy": accuracy,
        "n_frames": n_frames,
    }
    write_table(pd.DataFrame([row]), job.row, "frames_rows")
    progress.say(f"accuracy {accuracy:.4f} on {n_frames} frames")
