"""What all contestants share: one network, one list of binned recordings, one set of frames."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import Converted, load_converted, save_weights
from dvs_snn.recordings.frames import frames_by_count
from dvs_snn.recordings.placement import place, placement_of, placements_of
from dvs_snn.recordings.steps import StepEvents, bin_steps
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.recordings.store.frame_store import open_frames, read_index, split_rows
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.study import Study, as_dict, read_configs
from dvs_snn.simulation.symbols import load_symbols
from dvs_snn.simulation.takes import nominal_sensor, nominal_take, set_takes
from speed import ROOT

FALLBACK_RECORDINGS = 40
SEED = 1


@dataclass(frozen=True)
class Material:
    """Files that the workers read, and a sentence on where each comes from."""

    network: Path
    recordings: Path
    frames: Path
    folder: Path
    config: dict
    origin: str


def load_config(results: Path) -> Study:
    """Return the config that a study used, or the study's default."""
    used = results / "config.used.yaml"
    path = used if used.exists() else ROOT / "config.yaml"
    return read_configs([path])


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


def in_a_row(recording: StepEvents, times: int) -> StepEvents:
    """Return a recording shown `times` times, one after the other, as one long recording."""
    shift = np.repeat(np.arange(times) * recording.n_steps, len(recording.step))
    return StepEvents(
        np.tile(recording.step, times) + shift,
        np.tile(recording.row, times),
        np.tile(recording.column, times),
        recording.n_steps * times,
        0,
    )


def evenly(n: int, wanted: int) -> np.ndarray:
    """Return `wanted` of the numbers 0 to n - 1 (all where there are fewer), evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, wanted)).round().astype(np.int64))


def _simulated(study: Study, step_us: int) -> tuple[list[StepEvents], np.ndarray, list[int]]:
    """Simulate a few recordings and accumulate their frames, where no study has run."""
    simulation = study.simulation.of_scenes("mnist-dvs")
    symbols = load_symbols(study.simulation.symbols, SEED)
    scene = simulation.scenes["mnist-dvs"]
    sensor = nominal_sensor(simulation, "mnist-dvs", SEED)
    takes = set_takes(simulation, symbols, "mnist-dvs", "test")
    recordings, frames, labels = [], [], []
    for number in evenly(len(takes), FALLBACK_RECORDINGS):
        take = takes[number]
        placed = place(nominal_take(take, symbols, simulation, sensor, SEED), placement_of(scene))
        recordings.append(bin_steps(placed, step_us))
        for frame in frames_by_count(placed, 500, 500):
            frames.append(frame.pixels)
            labels.append(take.label)
    return recordings, np.stack(frames), labels


def _any_network(path: Path, config: dict) -> None:
    """Store an untrained network whose neurons fire, where no study has trained one."""
    torch.manual_seed(SEED)
    model = build_network(config["model"]["name"]).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)
    neurons = vars(NeuronParameters())
    save_weights(path, config["model"]["name"], model, neurons=neurons)


def _save_frames(scratch: Path, frames: np.ndarray, labels: np.ndarray) -> Path:
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


def _network(results: Path, scratch: Path, config: dict) -> tuple[Path, str]:
    trained = results / "networks" / "plain" / "seed-1.safetensors"
    path = scratch / "network.safetensors"
    if trained.exists():
        # A copy: the study may run again meanwhile.
        shutil.copyfile(trained, path)
        return path, "the trained network of seed 1"
    _any_network(path, config)
    return path, "an untrained network (no trained one was found)"


def prepare(results: Path, scratch: Path, n_recordings: int, n_frames: int) -> Material:
    """Gather a study's network, test recordings and training frames; make what is missing.

    Args:
        results: folder of a study's results.
        scratch: folder for files that the workers read.
        n_recordings, n_frames: how many at most, evenly over the set.
    """
    study = load_config(results)
    config, settings = as_dict(study), study.inference
    network, origin = _network(results, scratch, config)
    events = results / "events" / "test.npy"
    frames, index = results / "frames" / "frames.npy", results / "frames" / "index.csv"
    made = None
    if events.exists():
        placements = placements_of(config["simulation"]["scenes"])
        stored = open_store(events, events.with_suffix(".csv"), placements)
        recordings = [one.in_steps(settings.step_us).steps for one in stored.evenly(n_recordings)]
        origin += f", {len(recordings)} of {len(stored)} test recordings"
    else:
        made = _simulated(study, settings.step_us)
        recordings = made[0]
        origin += f", {len(recordings)} recordings simulated for this run"
    if frames.exists() and index.exists():
        table = read_index(index, ["label", "split"])
        rows = split_rows(table, "train")
        rows = rows[evenly(len(rows), n_frames)]
        pixels, labels = open_frames(frames)[rows], table["label"].to_numpy()[rows]
        origin += f", {len(rows)} of its training frames"
    else:
        made = made or _simulated(study, settings.step_us)
        pixels, labels = made[1][:n_frames], np.array(made[2][:n_frames])
        origin += f", {len(pixels)} frames of simulated test recordings"
    steps_path = scratch / "recordings.npz"
    save_steps(steps_path, recordings)
    folder = _save_frames(scratch, pixels, labels)
    return Material(network, steps_path, scratch / "frames.npy", folder, config, origin)


def load_network(path: Path) -> Converted:
    """Load the network that all contestants run."""
    return load_converted(path)
