"""Runs the CNN on the frames of whole recordings."""

import copy
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from dvs_snn.engines.response import Response
from dvs_snn.evaluation.choosing.trials import pick
from dvs_snn.evaluation.exits import exit_row, set_exits, store_exits, with_the_end
from dvs_snn.evaluation.of_set import AnnReading, picked_frames
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import write_table
from dvs_snn.networks.architectures import describe_layers, weighted
from dvs_snn.networks.conversion import load_weights
from dvs_snn.networks.synops import MACS, mac_map
from dvs_snn.recordings.frames import FRAME_SHAPE, Frame, accumulate
from dvs_snn.recordings.placement import PlacedEvents, Placement
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.set_names import FRAMES, VALIDATION
from dvs_snn.training.material import accuracy_on_test_frames

EXITS = with_the_end((0.5, 1, 2, 4, 8, 16))
"""Leads of the CNN's summed outputs at which it stops; the last is the end of the recording."""


@dataclass(frozen=True, eq=False)
class CountedCnn:
    """A CNN that counts the MACs at activations which aren't 0, as hardware that skips zeros does.

    Attributes:
        mac_maps: of each weighted layer `mac_map`, float32 (activation,).
        macs_per_frame: all of them.
        bits: 32, or 8 of its weights and activations.
    """

    cnn: nn.Sequential
    mac_maps: list[torch.Tensor]
    macs_per_frame: int
    bits: int = 32

    @classmethod
    def of(cls, name: str, cnn: nn.Sequential) -> "CountedCnn":
        layers = describe_layers(name, cnn)
        maps = [torch.tensor(mac_map(each).ravel(), dtype=torch.float32) for each in layers]
        # Twice as fast on CPUs.
        cnn = cnn.to(memory_format=torch.channels_last)
        return cls(cnn, maps, sum(each.macs for each in layers))

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
            part.weight.copy_(_rounded(part.weight[None], 127)[0])
        return replace(self, cnn=cnn, bits=8)

    @torch.no_grad()
    def response(self, frames: Sequence[Frame]) -> Response:
        """Read a recording: a moment is a frame, its SynOps are MACs at non-zeros.

        No digit where all outputs are zero, which is wrong as a silent spiking network is.
        """
        pixels = np.array([frame.pixels for frame in frames], np.uint8).reshape(-1, *FRAME_SHAPE)
        values = torch.from_numpy(pixels).float().contiguous(memory_format=torch.channels_last)
        macs, maps = torch.zeros(len(values)), iter(self.mac_maps)
        for part in self.cnn:
            if isinstance(part, nn.Conv2d | nn.Linear):
                if self.bits == 8 and part is not weighted(self.cnn)[0]:
                    values = _rounded(values, 255)
                # Whole numbers of float32, exact below 16.8 million.
                macs += (values != 0).flatten(1).float() @ next(maps)
            values = part(values)
        return Response(values.numpy(), (), macs.long().numpy())

    def reading(self, frames: Sequence[Frame], rule: FrameRule) -> AnnReading:
        """Read a recording's frames by `rule`."""
        return AnnReading.of(self.response(frames), rule)


def _rounded(values: torch.Tensor, largest: int) -> torch.Tensor:
    """Round each sample (sample, ...) to whole steps; its largest magnitude is `largest` steps."""
    step = values.abs().amax(tuple(range(1, values.dim())), keepdim=True) / largest
    return torch.where(step > 0, (values / step).round() * step, values)


def over_time(response: Response, frames: Sequence[Frame], placed: PlacedEvents) -> Response:
    """Tell when a recording's frames were read, in ms: each with its last event.

    With its last frame the recording is over.
    """
    ends = np.array([(frame.t_end_us - placed.t_first) / 1000 for frame in frames])
    n_events = np.cumsum([frame.n_events for frame in frames])
    # None without any frame.
    ends[-1:], n_events[-1:] = 1000 * placed.duration_s, placed.n_events
    return replace(response, ends=ends, n_events=n_events)


def pick_frames(readings: pd.DataFrame) -> str:
    """Return the name of the frames that read most `readings` rightly, at fewest non-zero MACs."""
    right = readings["ann_predicted"] == readings["label"]
    by_name = readings.assign(right=right).groupby("ann_frames", sort=False)
    sums = by_name[["right", "ann_macs_nonzero"]].sum()
    return str(sums.index[int(pick(*sums.to_numpy(np.float64).T, 0.0))])


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

    To `exits` it writes `SetExits` of each set, frames and MACs, named ``test, 50 ms, dense``.

    Args:
        picked: a table `readings` that names them. Without one the set validation picks them;
            without that set they are the first.
    """
    torch.set_num_threads(compute_threads)
    cnn, rows, stops = CountedCnn.load(weights), [], defaultdict(list)
    in_8_bits = cnn.in_8_bits()
    for name, *stored in zip(sets, events, recorded, placements, strict=True):
        of_set = open_store(*stored)
        with progress.bar(len(of_set), "recording", name) as bar:
            for recording in of_set:
                about = {"set": name, "recording": recording.recording, "label": recording.label}
                about |= {"sha256": recording.sha256}
                placed = recording.placed
                for rule in frames:
                    of_rule = list(accumulate(placed, rule))
                    whole, rounded = cnn.response(of_rule), in_8_bits.response(of_rule)
                    dense = replace(whole, step_synops=np.full(len(of_rule), cnn.macs_per_frame))
                    for macs, response in zip(MACS, (dense, whole, rounded), strict=True):
                        timed = over_time(response, of_rule, placed)
                        row = exit_row(recording, timed, EXITS)
                        stops[f"{name}, {rule.name}, {macs}"].append(row)
                    rows.append(about | AnnReading.of(whole, rule)._asdict())
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
