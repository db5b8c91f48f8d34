"""Runs the CNN on the frames of whole recordings."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from torch import nn

from dvs_snn.files.job import Progress
from dvs_snn.recordings.store.event_store import RecordedSet
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.set_names import FRAMES


def ann_predict(cnn: nn.Sequential, frames: Sequence[np.ndarray]) -> int | None:
    """Return the CNN's digit for a recording: the argmax of its outputs summed over frames.

    None where all outputs are zero, which is wrong as a silent spiking network is.

    Args:
        frames: each uint8 (1, height, width).
    """
    if not len(frames):
        return None
    chunks = torch.from_numpy(np.stack(frames)).float().split(256)
    with torch.no_grad():
        total = sum(cnn(chunk).sum(dim=0) for chunk in chunks)
    return int(total.argmax()) if float(total.max()) > 0 else None


def evaluate_ann(
    cnn: nn.Sequential,
    recordings: RecordedSet,
    rule: FrameRule,
    threads: int,
    progress: Progress,
    title: str,
) -> pd.DataFrame:
    """Let the CNN read the frames of a set's recordings, one recording after the other.

    Args:
        rule: how events become frames.
        threads: of torch.
        title: of the progress bar.

    Returns:
        The table `readings` without `set`, a row a recording; `ann_predicted` empty where all
        outputs are zero.
    """
    torch.set_num_threads(threads)
    rows = []
    with progress.bar(len(recordings), "recording", title) as bar:
        for recording in recordings:
            frames = [frame.pixels for frame in recording.frames(rule)]
            digit = ann_predict(cnn, frames)
            rows.append((recording.recording, digit, len(frames), recording.sha256))
            bar.advance(1)
    return pd.DataFrame(rows, columns=["recording", "ann_predicted", "ann_frames", "sha256"])


def frames_row(variant: str, seed: int, accuracy: float, n_frames: int) -> pd.DataFrame:
    """Return the row of the set `frames`, the CNN alone, symbols unknown.

    It has no interval: frames of one symbol aren't independent.
    """
    row = {"set": FRAMES, "variant": variant, "seed": seed, "ann_accuracy": accuracy}
    return pd.DataFrame([row | {"n_frames": n_frames}])
