"""Runs the CNN on the frames of whole recordings."""

import copy
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from dvs_snn.evaluation.exits import NO_DIGIT, set_exits, store_exits, with_the_end
from dvs_snn.evaluation.of_set import AnnReading, picked_frames
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import write_table
from dvs_snn.networks.architectures import describe_layers, weighted
from dvs_snn.networks.conversion import load_weights
from dvs_snn.networks.synops import mac_map
from dvs_snn.recordings.frames import FRAME_SHAPE, Frame
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, open_store
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.set_names import FRAMES, VALIDATION
from dvs_snn.training.material import accuracy_on_test_frames

EXITS = with_the_end((0.5, 1, 2, 4, 8, 16))
"""Leads of the CNN's summed outputs at which it stops; the last is the end of the recording."""


@dataclass(frozen=True, eq=False)
class CountedCnn:
    """A CNN that counts the MACs at activations which aren't 0, as hardware that skips zeros does.

    Attributes:
        mac_maps: of each weighted layer `mac_map`, float64 (activation,).
        bits: 32, or 8 of its weights and activations.
    """

    cnn: nn.Sequential
    mac_maps: list[torch.Tensor]
    bits: int = 32

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
    def in_8_bits(self) -> "CountedCnn":
        """Return it with weights of 8 bits, a factor a layer, and activations of 8 bits.

        The largest activation of each frame and layer becomes 255; input counts are whole already.
        """
        cnn = copy.deepcopy(self.cnn)
        for part in weighted(cnn):
            part.weight.copy_(_rounded(part.weight, 127, tuple(range(part.weight.dim()))))
        return CountedCnn(cnn, self.mac_maps, 8)

    @torch.no_grad()
    def outputs(self, frames: Sequence[Frame]) -> tuple[np.ndarray, np.ndarray]:
        """Return the outputs, float32 (frame, class), and MACs at non-zeros, int64 (frame,)."""
        pixels = np.array([frame.pixels for frame in frames], np.uint8).reshape(-1, *FRAME_SHAPE)
        outputs, counts = [], []
        for values in torch.from_numpy(pixels).float().split(256):
            macs, maps = torch.zeros(len(values), dtype=torch.float64), iter(self.mac_maps)
            for part in self.cnn:
                if isinstance(part, nn.Conv2d | nn.Linear):
                    if self.bits == 8 and part is not weighted(self.cnn)[0]:
                        values = _rounded(values, 255, tuple(range(1, values.dim())))
                    macs += (values != 0).flatten(1).double() @ next(maps)
                values = part(values)
            outputs.append(values)
            counts.append(macs)
        return torch.cat(outputs).numpy(), torch.cat(counts).long().numpy()

    def reading(self, frames: Sequence[Frame], rule: FrameRule) -> AnnReading:
        """Read a recording's frames by `rule`: the argmax of the outputs, summed over frames.

        No digit where all outputs are zero, which is wrong as a silent spiking network is.
        """
        outputs, macs = self.outputs(frames)
        total = outputs.sum(axis=0)
        predicted = int(total.argmax()) if (total > 0).any() else None
        return AnnReading(predicted, int(macs.sum()), len(frames), rule.name)


def _rounded(values: torch.Tensor, largest: int, axes: tuple[int, ...]) -> torch.Tensor:
    """Round values to whole steps, of which the largest magnitude along `axes` is `largest`."""
    step = values.abs().amax(axes, keepdim=True) / largest
    return torch.where(step > 0, (values / step).round() * step, values)


def frame_exits(
    recording: StoredRecording, frames: Sequence[Frame], outputs: np.ndarray, macs: np.ndarray
) -> dict[str, object]:
    """Stop the CNN at each of `EXITS`; return the recording's part of `SetExits`.

    After each frame it looks at the outputs so far, summed: the lead is the largest less the
    second. `synops` are MACs at non-zeros, and a step lasts 1 ms. It stops with a frame's last
    event, or with the recording. `outputs` and `macs` are what `CountedCnn.outputs` returns.
    """
    placed, total = recording.placed, np.cumsum(outputs, axis=0)
    second, best = np.partition(total, -2, axis=1)[:, -2:].T
    reached = np.searchsorted(np.maximum.accumulate(best - second), EXITS) + 1
    exited, at = reached <= len(frames), np.minimum(reached, len(frames))
    predicted = np.where(best > 0, total.argmax(axis=1), NO_DIGIT)
    events = np.cumsum([frame.n_events for frame in frames])
    ends = np.array([frame.t_end_us - placed.t_first for frame in frames]) / 1000
    return {
        "symbol": recording.symbol,
        "label": NO_DIGIT if recording.label is None else recording.label,
        "predicted": np.append(NO_DIGIT, predicted)[at],
        "synops": np.append(0, np.cumsum(macs))[at],
        "n_events": np.where(exited, np.append(0, events)[at], placed.n_events),
        "n_steps": np.where(exited, np.append(0, ends)[at], 1000 * placed.duration_s),
        "exited": exited,
    }


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
    variant: str,
    seed: int,
    table: Path,
    exits: Path,
    progress: Progress,
) -> None:
    """Let the CNN read stored `sets` in each of `frames`; write `readings` of the picked ones.

    To `exits` it writes `SetExits` of each set, frames and bits, named ``test, 50 ms, 8``.

    Args:
        picked: a table `readings` that names them. Without one the set validation picks them;
            without that set they are the first.
    """
    torch.set_num_threads(compute_threads)
    cnn, rows, stops = CountedCnn.load(weights), [], defaultdict(list)
    networks = cnn, cnn.in_8_bits()
    for name, *stored in zip(sets, events, recorded, placements, strict=True):
        of_set = open_store(*stored)
        with progress.bar(len(of_set), "recording", name) as bar:
            for recording in of_set:
                about = {"set": name, "recording": recording.recording, "label": recording.label}
                about |= {"sha256": recording.sha256}
                for rule in frames:
                    of_rule = recording.frames(rule)
                    rows.append(about | cnn.reading(of_rule, rule).row)
                    for network in networks:
                        row = frame_exits(recording, of_rule, *network.outputs(of_rule))
                        stops[f"{name}, {rule.name}, {network.bits}"].append(row)
                bar.advance(1)
    readings = pd.DataFrame(rows)
    chosen = picked_frames(picked, frames).name
    if not picked and VALIDATION in sets:
        chosen = pick_frames(readings[readings["set"] == VALIDATION])
    write_table(readings[readings["ann_frames"] == chosen], table, "readings")
    of_sets = {name: set_exits(each, EXITS) for name, each in stops.items()}
    store_exits(of_sets, {"variant": variant, "seed": seed, "scale": 1.0, "timing": ""}, exits)
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
