"""Runs the CNN on the frames of whole recordings."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import nn

from dvs_snn.engines.response import Response
from dvs_snn.evaluation.readings import (
    MACS,
    Reading,
    Stops,
    growing_readings,
    layer_sums_at,
    predicted_after,
    readings_table,
    stops_of,
    time_after,
    total_after,
)
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import growing_table, read_table, write_table
from dvs_snn.networks.architectures import describe_layers
from dvs_snn.networks.conversion import load_weights, rescale_layers
from dvs_snn.networks.synops import mac_map
from dvs_snn.recordings.frames import FRAME_SHAPE, Frame, accumulate
from dvs_snn.recordings.placement import PlacedEvents
from dvs_snn.recordings.store.event_store import SetPlacement, StoredRecording, open_sets
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.set_names import FRAMES
from dvs_snn.training.material import accuracy_on_test_frames

LEADS = (0.25, 0.35, 0.5, 0.71, 1, 1.41, 2, 2.83, 4, 5.66, 8, 11.31, 16)
"""Leads of the CNN's summed outputs at which it stops."""


@dataclass(frozen=True, eq=False)
class CountedCnn:
    """A CNN that counts the MACs at activations which aren't 0, as hardware that skips zeros does.

    Attributes:
        mac_maps: of each weighted layer `mac_map`, float32 (activation,).
        macs_per_frame: all of them.
        names: of the weighted layers.
        threshold: hidden ReLUs return whole multiples of it, as many as a spiking neuron would fire
            if all of its current came at once; None: they return what they get.
    """

    cnn: nn.Sequential
    mac_maps: list[torch.Tensor]
    macs_per_frame: int
    names: list[str]
    threshold: float | None = None

    @classmethod
    def of(cls, name: str, cnn: nn.Sequential) -> "CountedCnn":
        layers = describe_layers(name, cnn)
        maps = [torch.tensor(mac_map(each).ravel(), dtype=torch.float32) for each in layers]
        # Twice as fast on CPUs. torch declares it for tensors alone.
        cnn = cnn.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        names = [each.name for each in layers]
        return cls(cnn, maps, sum(each.macs for each in layers), names)

    @classmethod
    def load(
        cls, weights: Path, scale: float = 1.0, threshold: float | None = None
    ) -> "CountedCnn":
        """Load what `save_weights` stored, the first layer's weights multiplied by `scale`."""
        name, cnn, _ = load_weights(weights)
        return replace(cls.of(name, rescale_layers(cnn, scale)), threshold=threshold)

    def stop_layer_rows(self, sums: np.ndarray, readings: Sequence[Reading]) -> pd.DataFrame:
        """Return rows of the table `stop_layers`; `sums` (stop, layer, 3) are over the readings."""
        exits = [*LEADS, np.nan]
        n_events = sum(np.asarray(reading.stops["n_events_read"]) for reading in readings)
        return pd.DataFrame(
            {
                "exit": np.repeat(exits, len(self.names)),
                "layer": np.tile(self.names, len(exits)),
                "n_recordings": len(readings),
                "n_events": np.repeat(n_events, len(self.names)),
                "n_frames": sums[..., 2].ravel(),
                "inputs": sums[..., 0].ravel(),
                "operations": sums[..., 1].ravel(),
                "touched": None,
                "outputs": None,
            }
        )

    @torch.no_grad()
    def response(self, frames: Sequence[Frame]) -> Response:
        """Read a recording: a moment is a frame, its SynOps are MACs at non-zeros.

        No digit where all outputs are zero, which is wrong as a silent spiking network is.
        """
        pixels = np.array([frame.pixels for frame in frames], np.uint8)
        pixels = pixels.reshape(-1, *FRAME_SHAPE)
        values = torch.from_numpy(pixels).float().contiguous(memory_format=torch.channels_last)
        inputs = []
        macs = []
        maps = iter(self.mac_maps)
        for part in self.cnn:
            if isinstance(part, nn.Conv2d | nn.Linear):
                is_nonzero = (values != 0).flatten(1).float()
                inputs.append(is_nonzero.sum(dim=1))
                # Whole numbers of float32, exact below 16.8 million.
                macs.append(is_nonzero @ next(maps))
            values = part(values)
            if self.threshold and isinstance(part, nn.ReLU) and part is not self.cnn[-1]:
                values = (values / self.threshold).floor()
        by_layer = torch.stack([torch.stack(inputs, 1), torch.stack(macs, 1)], 2).long().numpy()
        one_frame = np.ones((*by_layer.shape[:2], 1), np.int64)
        sums = np.cumsum(np.concatenate([by_layer, one_frame], axis=2), axis=0)
        return Response(values.numpy(), (), by_layer[..., 1].sum(axis=1), layer_sums=sums)


def over_time(response: Response, frames: Sequence[Frame], placed: PlacedEvents) -> Response:
    """Tell when a recording's frames were read, in ms: each with its last event.

    With its last frame the recording is over.
    """
    ends = np.array([(frame.t_end_us - placed.t_first) / 1000 for frame in frames])
    n_events = np.cumsum([frame.n_events for frame in frames])
    # None without any frame.
    ends[-1:] = 1000 * placed.duration_s
    n_events[-1:] = placed.n_events
    return replace(response, ends=ends, n_events=n_events)


def cnn_reading(
    recorded: StoredRecording, response: Response, stops: Stops, macs_per_frame: int
) -> Reading:
    """Return how the CNN read a recording; its `response` tells times as `over_time` does."""
    n_events = np.concatenate([[0], response.n_events])
    times = time_after(response, stops.seen)
    return Reading(
        recorded,
        {
            "exit": stops.exit,
            "reached": stops.reached,
            "predicted": predicted_after(response, stops.seen),
            "operations": stops.seen * macs_per_frame,
            "operations_nonzero": total_after(response.step_synops, stops.seen),
            "n_events_read": n_events[stops.seen],
            "n_events": n_events[-1],
            "time_ms": times,
            "recording_ms": times[-1],
        },
        {"n_frames": len(response.step_synops)},
    )


@dataclass(frozen=True)
class ReadSetsJob:
    """What the rule `evaluate_ann` gives.

    Attributes:
        events, recorded: the store of each of the `sets`.
        frames: in each of them the CNN reads.
        scales: of its first layer.
        threshold: of its hidden ReLUs, which then return whole numbers; None: they don't.
        quoted: table of that name, which tells in which frames it reads at which scale; None: in
            all, at all.
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


class _Place(NamedTuple):
    """How the CNN reads: in which frames, at which scale of its first layer."""

    frames: str
    scale: float


def read_sets(job: ReadSetsJob, progress: Progress) -> None:
    """Let the CNN read stored sets in the job's frames and at its scales."""
    torch.set_num_threads(job.compute_threads)
    networks = _networks(job)
    key = {"variant": job.variant, "seed": job.seed, "timing": "", "unit": MACS}
    with (
        growing_readings(job.readings) as writer,
        growing_table(job.stop_layers, "stop_layers") as add_stop_layers,
    ):
        if not networks:
            # Validation picked other CNNs alone.
            return
        # Every network has the same layers.
        cnn = next(iter(networks.values()))
        for name, stored in open_sets(job.events, job.recorded, job.sets).items():
            readings: dict[_Place, list[Reading]] = defaultdict(list)
            sums: dict[_Place, np.ndarray] = {}
            with progress.bar(len(stored), "recording", name) as bar:
                for recording in stored:
                    for place, reading, of_stops in _readings_of(recording, networks, job.frames):
                        readings[place].append(reading)
                        sums[place] = sums.get(place, 0) + of_stops
                    bar.advance(1)
            tables = [
                readings_table(each).assign(**place._asdict()) for place, each in readings.items()
            ]
            writer.add(pd.concat(tables, ignore_index=True).assign(set=name, **key))
            for place, of_stops in sums.items():
                rows = cnn.stop_layer_rows(of_stops, readings[place])
                add_stop_layers(rows.assign(set=name, **key, **place._asdict()))


def _networks(job: ReadSetsJob) -> dict[_Place, CountedCnn]:
    """Return the CNNs of a job by how they read."""
    asked = {(rule.name, scale) for rule in job.frames for scale in job.scales}
    if job.quoted:
        quoted = read_table(job.quoted, "quoted_networks")
        rows = quoted[(quoted["variant"] == job.variant) & quoted["frames"].notna()]
        asked &= set(zip(rows["frames"], rows["scale"], strict=True))
    networks: dict[_Place, CountedCnn] = {}
    for scale in job.scales:
        cnn = CountedCnn.load(job.weights, scale, job.threshold)
        for rule in job.frames:
            if (rule.name, scale) in asked:
                networks[_Place(rule.name, scale)] = cnn
    return networks


def _readings_of(
    recording: StoredRecording, networks: Mapping[_Place, CountedCnn], rules: Sequence[FrameRule]
) -> Iterator[tuple[_Place, Reading, np.ndarray]]:
    """Yield what each of the CNNs read of a recording, and its `layer_sums_at` the stops."""
    placed = recording.placed
    for rule in rules:
        of_rule = {place: cnn for place, cnn in networks.items() if place.frames == rule.name}
        if not of_rule:
            continue
        frames = list(accumulate(placed, rule))
        for place, cnn in of_rule.items():
            response = over_time(cnn.response(frames), frames, placed)
            stops = stops_of(response, LEADS)
            reading = cnn_reading(recording, response, stops, cnn.macs_per_frame)
            yield place, reading, layer_sums_at(response, stops)


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
        "ann_accuracy": accuracy,
        "n_frames": n_frames,
    }
    write_table(pd.DataFrame([row]), job.row, "frames_rows")
    progress.say(f"accuracy {accuracy:.4f} on {n_frames} frames")
