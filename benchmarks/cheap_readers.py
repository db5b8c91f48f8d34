"""How well readers without a convolution read, for scale: linear, and with one hidden layer.

    python benchmarks/cheap_readers.py --results results/simulated [--sets test saccades-test]

It needs a finished study of simulated recordings. Each reader sees how many events fell on each of
16x16 squares, and trains on the study's training frames. Validation picks its weight decay. It has
no biases, so a recording may be of any length. Each event adds one row of the first layer's weights
to the sums of the next neurons, without a multiplication; the second layer reads the sums once, at
the end. The table has the mean accuracy of the study's trainings, and the additions and MACs of a
recording. Rows go to results/benchmarks/cheap_readers.csv.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from speed import ROOT
from torch import nn
from torch.nn import functional

from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.plan.planned_sets import study_sets
from dvs_snn.recordings.frames import open_frames, read_index, split_rows
from dvs_snn.recordings.placement import Placement, counts
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.study_settings import Study, read_configs

SIDE = 16
"""Squares along each side of the input."""

HIDDEN = (0, 20, 100)
"""Hidden neurons of each reader; 0: linear."""

DECAYS = (0.0, 1e-4, 1e-3, 1e-2)
EPOCHS = 5
BATCH_SIZE = 256
LEARNING_RATE = 0.01


@dataclass(frozen=True, eq=False)
class Labelled:
    """Images to read.

    Attributes:
        images: float32 (image, squares), each square's share of the events, times the squares.
        labels: int64 (image,).
        events: mean number of events of an image.
    """

    images: torch.Tensor
    labels: torch.Tensor
    events: float


def labelled(pixels: np.ndarray, labels: np.ndarray) -> Labelled:
    """Sum event counts (image, 64, 64) over squares."""
    n, height, width = pixels.shape
    squares = pixels.reshape(n, SIDE, height // SIDE, SIDE, width // SIDE).sum(axis=(2, 4))
    squares = squares.reshape(n, SIDE * SIDE).astype(np.float32)
    events = squares.sum(axis=1, keepdims=True)
    shares = squares / np.maximum(events, 1) * SIDE * SIDE
    return Labelled(torch.from_numpy(shares), torch.from_numpy(labels), float(events.mean()))


def training_frames(results: Path) -> Labelled:
    """Return the training frames."""
    folder = results / "work/frames"
    index = read_index(folder / "index.csv", ["label", "split"])
    rows = split_rows(index, "train")
    pixels = open_frames(folder / "frames.npy")[rows, 0]
    return labelled(pixels.astype(np.uint16), index["label"].to_numpy(np.int64)[rows])


def whole_recordings(results: Path, study: Study, name: str) -> Labelled:
    """Return the recordings of a set, each with all its events in one image."""
    known = study_sets(study)[name]
    placements = {scene: Placement(**placement) for scene, placement in known.scenes.items()}
    events = results / "work/events" / f"{name}.npy"
    pixels = []
    labels = []
    for stored in open_store(events, events.with_suffix(".csv"), placements):
        placed = stored.placed
        pixels.append(counts(placed.row, placed.column))
        labels.append(stored.label)
    return labelled(np.stack(pixels), np.array(labels))


def reader_of(hidden: int) -> nn.Sequential:
    """Return an untrained reader."""
    if hidden == 0:
        return nn.Sequential(nn.Linear(SIDE * SIDE, 10, bias=False))
    first = nn.Linear(SIDE * SIDE, hidden, bias=False)
    return nn.Sequential(first, nn.ReLU(), nn.Linear(hidden, 10, bias=False))


def trained(hidden: int, decay: float, material: Labelled, seed: int) -> nn.Sequential:
    """Return a reader that was trained on `material`."""
    torch.manual_seed(seed)
    reader = reader_of(hidden)
    optimizer = torch.optim.AdamW(reader.parameters(), lr=LEARNING_RATE, weight_decay=decay)
    n_batches = len(material.labels) // BATCH_SIZE
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * n_batches)
    for _ in range(EPOCHS):
        order = torch.randperm(len(material.labels))
        for start in range(0, n_batches * BATCH_SIZE, BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]
            loss = functional.cross_entropy(reader(material.images[rows]), material.labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return reader.eval()


@torch.no_grad()
def accuracy_of(reader: nn.Sequential, material: Labelled) -> float:
    """Return the share of images that a reader reads right."""
    return float((reader(material.images).argmax(dim=1) == material.labels).float().mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=ROOT / "results" / "simulated")
    parser.add_argument("--sets", nargs="+", default=["test", "saccades-test", "small"])
    chosen = parser.parse_args()
    study = read_configs([chosen.results / "config.used.yaml"])
    torch.set_num_threads(1)
    validation = whole_recordings(chosen.results, study, "validation")
    sets = {name: whole_recordings(chosen.results, study, name) for name in chosen.sets}

    rows = []
    material = training_frames(chosen.results)
    for seed in study.seeds:
        for hidden in HIDDEN:
            readers = [trained(hidden, decay, material, seed) for decay in DECAYS]
            best = max(readers, key=lambda reader: accuracy_of(reader, validation))
            for name, recordings in sets.items():
                row = {
                    "set": name,
                    "hidden": hidden,
                    "seed": seed,
                    "n": len(recordings.labels),
                    "accuracy": accuracy_of(best, recordings),
                    "additions": recordings.events * (hidden or 10),
                    "macs": hidden * 10,
                }
                rows.append(row)

    table = pd.DataFrame(rows).groupby(["set", "hidden"]).mean().drop(columns="seed")
    ends = [wilson_interval(row.accuracy, int(row.n)) for row in table.itertuples()]
    table = table.assign(
        accuracy_low=[low for low, _ in ends], accuracy_high=[high for _, high in ends]
    )
    out = ROOT / "results" / "benchmarks" / "cheap_readers.csv"
    out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(out)
    print(f"{len(study.seeds)} trainings\n{table.round(4)}")


if __name__ == "__main__":
    main()
