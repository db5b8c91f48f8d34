"""Runs the CNN on the frames of whole recordings."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from dvs_snn.evaluation.frame_response import FrameResponse
from dvs_snn.evaluation.readings import (
    Reading,
    columns_at,
    growing_readings,
    layers_at,
    readings_table,
    stop_layer_rows,
    stops_of,
    until,
)
from dvs_snn.files.job import Bar, Progress
from dvs_snn.files.tables import growing_table, read_table
from dvs_snn.networks.architectures import describe_layers
from dvs_snn.networks.conversion import load_weights, rescale_layers
from dvs_snn.networks.geometry import Layer
from dvs_snn.networks.synops import mac_map
from dvs_snn.recordings.frames import FRAME_SHAPE, Frame, accumulate
from dvs_snn.recordings.placement import PlacedEvents
from dvs_snn.recordings.store.event_store import (
    RecordedSet,
    SetPlacement,
    StoredRecording,
    open_sets,
)
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.sides import CNN

FRAMES_AT_ONCE = 64
"""Frames of a batch. Their activations fit into a CPU's cache. In batches of another size the last
digit of float sums may differ."""

RECORDINGS_AT_ONCE = 32
"""Recordings whose frames fill batches together."""

LEADS = (0.25, 0.35, 0.5, 0.71, 1, 1.41, 2, 2.83, 4, 5.66, 8, 11.31, 16)
"""Leads of the CNN's summed outputs at which it stops."""


@dataclass(frozen=True, eq=False)
class CountedCnn:
    """A CNN that counts the MACs at activations which aren't 0, as hardware that skips zeros does.

    Attributes:
        per_nonzero: of each weighted layer what an activation that isn't 0 adds to the inputs and
            to the MACs: 1 and `mac_map`, float32 (activation, 2), channels last.
        macs_per_frame: all of them.
        names: of the weighted layers.
        threshold: hidden ReLUs return whole multiples of it, as many as a spiking neuron would fire
            if all of its current came at once; None: they return what they get.
    """

    cnn: nn.Sequential
    per_nonzero: list[torch.Tensor]
    macs_per_frame: int
    names: list[str]
    threshold: float | None = None

    @classmethod
    def of(cls, name: str, cnn: nn.Sequential) -> "CountedCnn":
        layers = describe_layers(name, cnn)
        per_nonzero = [_per_nonzero(each) for each in layers]
        # Twice as fast on CPUs. torch declares it for tensors alone.
        cnn = cnn.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        names = [each.name for each in layers]
        return cls(cnn, per_nonzero, sum(each.macs for each in layers), names)

    @classmethod
    def load(
        cls, weights: Path, scale: float = 1.0, threshold: float | None = None
    ) -> "CountedCnn":
        """Load what `save_weights` stored, the first layer's weights multiplied by `scale`."""
        name, cnn, _ = load_weights(weights)
        return replace(cls.of(name, rescale_layers(cnn, scale)), threshold=threshold)

    def response(self, frames: Sequence[Frame]) -> FrameResponse:
        """Read one recording, as `responses` does."""
        (response,) = self.responses([frames])
        return response

    def responses(self, recordings: Sequence[Sequence[Frame]]) -> list[FrameResponse]:
        """Read the frames of each recording, and count the MACs at activations that aren't 0."""
        pixels = np.array([frame.pixels for frames in recordings for frame in frames], np.uint8)
        batches = torch.from_numpy(pixels.reshape(-1, *FRAME_SHAPE)).split(FRAMES_AT_ONCE)
        of_batches = [self._read(batch) for batch in batches]
        outputs = np.concatenate([outputs for outputs, _ in of_batches])
        by_layer = np.concatenate([by_layer for _, by_layer in of_batches])

        ends = np.cumsum([len(frames) for frames in recordings])[:-1]
        of_recordings = zip(np.split(outputs, ends), np.split(by_layer, ends), strict=True)
        return [FrameResponse.of(outputs, by_layer) for outputs, by_layer in of_recordings]

    @torch.no_grad()
    def _read(self, pixels: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
        """Return outputs (frame, class); int64 (frame, layer, 2), inputs that aren't 0, MACs."""
        values = pixels.float().contiguous(memory_format=torch.channels_last)
        counts = []
        per_nonzero = iter(self.per_nonzero)
        for part in self.cnn:
            if isinstance(part, nn.Conv2d | nn.Linear):
                # Nothing here is negative. Whole numbers of float32 are exact below 2**24.
                is_nonzero = values.movedim(1, -1).flatten(1).sign()
                counts.append(is_nonzero @ next(per_nonzero))
            if isinstance(part, nn.ReLU):
                # In place, which is faster than to fill new memory.
                values.relu_()
                if self.threshold and part is not self.cnn[-1]:
                    values.div_(self.threshold).floor_()
            else:
                values = part(values)
        return values.numpy(), torch.stack(counts, 1).long().numpy()


def _per_nonzero(layer: Layer) -> torch.Tensor:
    # A linear layer has equally many MACs at each activation, whatever their order.
    macs = np.moveaxis(mac_map(layer), 0, -1).ravel()
    return torch.tensor(np.column_stack([np.ones_like(macs), macs]), dtype=torch.float32)


def cnn_reading(
    recorded: StoredRecording,
    placed: PlacedEvents,
    frames: Sequence[Frame],
    response: FrameResponse,
    macs_per_frame: int,
) -> Reading:
    """Return how the CNN read the frames of a recording, stopped at each of `LEADS`."""
    # A frame is read with its last event, the last one at the recording's end.
    ends_ms = np.array([(frame.t_end_us - placed.t_first) / 1000 for frame in frames])
    n_events = np.cumsum([frame.n_events for frame in frames])
    # A recording may have no frame.
    ends_ms[-1:] = 1000 * placed.duration_s
    n_events[-1:] = placed.n_events

    stops = stops_of(response.outputs, LEADS)
    at_stops = {
        **columns_at(stops, recorded, response.predictions, ends_ms, n_events),
        "operations": stops.seen * macs_per_frame,
        "operations_nonzero": until(np.cumsum(response.macs_nonzero), stops.seen),
    }
    at_end = {"n_frames": len(frames), "sha256": recorded.sha256}
    layers = layers_at(stops, response.layer_sums, ("inputs", "operations", "n_frames"))
    return Reading(at_stops, at_end, layers)


@dataclass(frozen=True)
class ReadSetsJob:
    """What the rule `evaluate_cnn` gives.

    Attributes:
        events, recorded: the store of each of the `sets`.
        frames: in each of them the CNN reads.
        scales: of its first layer.
        threshold: of its hidden ReLUs, which then return whole numbers; None: they don't.
        quoted: table of that name, which tells in which frames it reads at which scale; None: in
            all, at all.
        chosen_alone: names of sets that it reads only where validation chose it.
    """

    weights: Path
    events: list[Path]
    recorded: list[Path]
    sets: list[SetPlacement]
    frames: list[FrameRule]
    scales: list[float]
    threshold: float | None
    compute_threads: int
    variant: str
    seed: int
    readings: Path
    stop_layers: Path
    quoted: Path | None = None
    chosen_alone: list[str] = field(default_factory=list)


def read_sets(job: ReadSetsJob, progress: Progress) -> None:
    """Let the CNN read stored sets in the job's frames and at its scales."""
    torch.set_num_threads(job.compute_threads)
    asked = _asked(job)
    chosen = _asked(job, is_chosen_alone=True)
    scales = {scale for of_rule in asked.values() for scale in of_rule}
    cnns = {scale: CountedCnn.load(job.weights, scale, job.threshold) for scale in scales}
    key = {"variant": job.variant, "seed": job.seed, "timing": "", "side": CNN}
    with (
        growing_readings(job.readings) as add_readings,
        growing_table(job.stop_layers, "stop_layers") as add_stop_layers,
    ):
        if not cnns:
            # Validation picked other CNNs alone.
            return
        for name, stored in open_sets(job.events, job.recorded, job.sets).items():
            of_set = chosen if name in job.chosen_alone else asked
            if not of_set:
                continue
            with progress.bar(len(stored), "recording", name) as bar:
                readings = _read_set(stored, of_set, cnns, bar)
            tables = []
            for (frames, scale), of_cnn in readings.items():
                named = {**key, "set": name, "frames": frames, "scale": scale}
                tables.append(readings_table(of_cnn).assign(**named))
                add_stop_layers(stop_layer_rows(of_cnn, cnns[scale].names).assign(**named))
            add_readings(pd.concat(tables, ignore_index=True))


def _read_set(
    stored: RecordedSet,
    asked: Mapping[FrameRule, Sequence[float]],
    cnns: Mapping[float, CountedCnn],
    bar: Bar,
) -> dict[tuple[str, float], list[Reading]]:
    """Let the CNNs of some scales read a set; return their readings by frames and scale."""
    readings: dict[tuple[str, float], list[Reading]] = defaultdict(list)
    for start in range(0, len(stored), RECORDINGS_AT_ONCE):
        end = min(start + RECORDINGS_AT_ONCE, len(stored))
        recordings = [stored[place] for place in range(start, end)]
        placed = [recording.placed for recording in recordings]
        for rule, scales in asked.items():
            frames = [list(accumulate(events, rule)) for events in placed]
            for scale in scales:
                cnn = cnns[scale]
                read = zip(recordings, placed, frames, cnn.responses(frames), strict=True)
                readings[rule.name, scale] += [
                    cnn_reading(recording, events, shown, response, cnn.macs_per_frame)
                    for recording, events, shown, response in read
                ]
        bar.advance(len(recordings))
    return readings


def _asked(job: ReadSetsJob, is_chosen_alone: bool = False) -> dict[FrameRule, list[float]]:
    """Return in which frames the CNN reads, each with the scales at which it does."""
    if not job.quoted:
        return {rule: job.scales for rule in job.frames}
    quoted = read_table(job.quoted, "quoted_networks")
    if is_chosen_alone:
        quoted = quoted[quoted["chosen"] == 1]
    of_variant = quoted[quoted["variant"] == job.variant]
    named = set(zip(of_variant["frames"], of_variant["scale"], strict=True))
    asked = {}
    for rule in job.frames:
        scales = [scale for scale in job.scales if (rule.name, scale) in named]
        if scales:
            asked[rule] = scales
    return asked
