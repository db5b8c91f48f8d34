"""Runs the CNN on the frames of whole recordings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from dvs_snn.evaluation.of_set import AnnReading, picked_frames
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import write_table
from dvs_snn.networks.architectures import describe_layers
from dvs_snn.networks.conversion import load_weights
from dvs_snn.networks.synops import mac_map
from dvs_snn.recordings.frames import Frame
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.set_names import FRAMES, VALIDATION
from dvs_snn.training.material import accuracy_on_test_frames


@dataclass(frozen=True, eq=False)
class CountedCnn:
    """A CNN that counts the MACs at activations which aren't 0, as hardware that skips zeros does.

    Attributes:
        mac_maps: of each weighted layer `mac_map`, float64 (activation,).
    """

    cnn: nn.Sequential
    mac_maps: list[torch.Tensor]

    @classmethod
    def of(cls, name: str, cnn: nn.Sequential) -> "CountedCnn":
        maps = (mac_map(layer).ravel() for layer in describe_layers(name, cnn))
        return cls(cnn, [torch.tensor(each, dtype=torch.float64) for each in maps])

    @classmethod
    def load(cls, weights: Path) -> "CountedCnn":
        """Load what `save_weights` stored."""
        name, cnn, _ = load_weights(weights)
        return cls.of(name, cnn)

    @torch.no_grad()
    def outputs(self, frames: Sequence[Frame]) -> tuple[np.ndarray, np.ndarray]:
        """Return the outputs, float32 (frame, class), and MACs at non-zeros, int64 (frame,)."""
        pixels = np.stack([frame.pixels for frame in frames])
        outputs, counts = [], []
        for values in torch.from_numpy(pixels).float().split(256):
            macs, maps = torch.zeros(len(values), dtype=torch.float64), iter(self.mac_maps)
            for part in self.cnn:
                if isinstance(part, nn.Conv2d | nn.Linear):
                    macs += (values != 0).flatten(1).double() @ next(maps)
                values = part(values)
            outputs.append(values)
            counts.append(macs)
        return torch.cat(outputs).numpy(), torch.cat(counts).long().numpy()

    def reading(self, frames: Sequence[Frame], rule: FrameRule) -> AnnReading:
        """Read a recording's frames by `rule`: the argmax of the outputs, summed over frames.

        No digit where all outputs are zero, which is wrong as a silent spiking network is.
        """
        if not frames:
            return AnnReading(None, 0, 0, rule.name)
        outputs, macs = self.outputs(frames)
        total = outputs.sum(axis=0)
        predicted = int(total.argmax()) if total.max() > 0 else None
        return AnnReading(predicted, int(macs.sum()), len(frames), rule.name)


def pick_frames(readings: pd.DataFrame) -> str:
    """Return the name of the frames that read most `readings` rightly, at fewest non-zero MACs."""
    right = readings["ann_predicted"] == readings["label"]
    by_name = readings.assign(right=right).groupby("ann_frames", sort=False)
    sums = by_name[["right", "ann_macs_nonzero"]].sum()
    return str(sums.sort_values(["right", "ann_macs_nonzero"], ascending=[False, True]).index[0])


def read_sets(
    weights: Path,
    events: list[Path],
    recorded: list[Path],
    placements: list[dict[str, Placement]],
    sets: list[str],
    frames: list[FrameRule],
    picked: list[Path],
    compute_threads: int,
    table: Path,
    progress: Progress,
) -> None:
    """Let the CNN read stored `sets` in each of `frames`; write `readings` of the picked ones.

    Args:
        picked: a table `readings` that names them. Without one the set validation picks them;
            without that set they are the first.
    """
    torch.set_num_threads(compute_threads)
    cnn, rows = CountedCnn.load(weights), []
    for name, *stored in zip(sets, events, recorded, placements, strict=True):
        of_set = open_store(*stored)
        with progress.bar(len(of_set), "recording", name) as bar:
            for recording in of_set:
                about = {"set": name, "recording": recording.recording, "label": recording.label}
                about |= {"sha256": recording.sha256}
                readings = (cnn.reading(recording.frames(rule), rule) for rule in frames)
                rows += [about | reading.row for reading in readings]
                bar.advance(1)
    readings = pd.DataFrame(rows)
    chosen = picked_frames(picked, frames).name
    if not picked and VALIDATION in sets:
        chosen = pick_frames(readings[readings["set"] == VALIDATION])
    write_table(readings[readings["ann_frames"] == chosen], table, "readings")
    progress.say(f"frames of {chosen}")


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
