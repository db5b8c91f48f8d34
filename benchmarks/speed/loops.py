"""The contestants of training: the tutorial's loop as published, this study's, and the limit."""

import io
import math
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader

from dvs_snn.files.job import Progress
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import Converted
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.event_store import BinnedRecording
from dvs_snn.settings.training import AffineRanges, Variant
from dvs_snn.training.freed_memory import keep_freed_memory
from dvs_snn.training.loop import train
from dvs_snn.training.materials.frames import Frames
from dvs_snn.training.materials.recordings import Recordings
from dvs_snn.training.measures import load_batch
from dvs_snn.training.pooling import with_rectified_pooling

TUTORIAL_BATCH = 256
TUTORIAL_RATE = 1e-3
STUDY_SEED = 1
BPTT_RECORDINGS = 100


def tutorial(folder: Path, workers: int, epochs: int, seed: int) -> float:
    """Train as the tutorial does; return the mean loss of the last epoch.

    Its notebook line by line, but for the GPU, the file of weights and the accuracy that it prints:
    PNG files in a folder per digit, `RandomAffine` on PIL images, Adam, `loss.item()` each batch.
    """
    from torchvision.datasets import ImageFolder
    from torchvision.transforms import RandomAffine, ToTensor

    torch.manual_seed(seed)
    rescaler = RandomAffine(0, scale=(0.6, 1.0), translate=(0.2, 0.2))

    def transform(image):
        image = rescaler(image)
        return ToTensor()(image)[0].unsqueeze(0) * 255

    dataset = ImageFolder(root=str(folder), transform=transform)
    loader = DataLoader(dataset, batch_size=TUTORIAL_BATCH, shuffle=True, num_workers=workers)
    model = build_network("tutorial")
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=TUTORIAL_RATE)
    mean = math.nan
    for _ in range(epochs):
        total = 0.0
        for images, labels in loader:
            optimizer.zero_grad()
            outputs = model(images)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        mean = total / len(dataset)
    return mean


def settings_like_tutorial(epochs: int, precision: str) -> Variant:
    """Return the study's settings that train as the tutorial does."""
    return Variant(
        epochs=epochs,
        batch_size=TUTORIAL_BATCH,
        learning_rate=TUTORIAL_RATE,
        schedule="constant",
        affine=AffineRanges(),
        precision=precision,
    )


def settings_of_study(section: dict, epochs: int, precision: str) -> Variant:
    """Return a study's own settings, but for the length and the precision."""
    return Variant(**{**section, "epochs": epochs, "precision": precision})


def ours(
    array: Path, labels: np.ndarray, settings: Variant, seed: int, network: Converted,
    recordings: list[StepEvents],
) -> tuple[float, int]:  # fmt: skip
    """Train by the study's loop on packed frames, or on recordings if the method does.

    Args:
        network: where methods that need a start begin.

    Returns:
        The mean loss of the last epoch, and how many images the network computed: frames, or time
        steps.
    """
    frames = np.load(array, mmap_mode="r")
    given = Frames(frames, labels, np.arange(len(frames)), np.zeros(0, dtype=np.int64))
    images = len(frames)
    if settings.through_time:
        # Their digits don't matter to the time.
        steps = recordings[:BPTT_RECORDINGS]
        some = [BinnedRecording("", "", i % 10, "", one, 0, 1.0) for i, one in enumerate(steps)]
        given, images = Recordings(some, given), sum(one.n_steps for one in steps)
    start = network.cnn if settings.start else None
    trained = train(
        network.name, given, settings, network.neurons, start, STUDY_SEED, seed,
        Progress(io.StringIO()),
    )  # fmt: skip
    return trained.curve[-1].loss, images * settings.epochs


def limit(
    array: Path, labels: np.ndarray, batch_size: int, threads: int, precision: str, epochs: int
) -> float:
    """Train on one resident batch, for as many frames as the others: the limit of the loop."""
    torch.set_num_threads(threads)
    keep_freed_memory()
    torch.manual_seed(STUDY_SEED)
    frames = np.load(array, mmap_mode="r")
    batch = load_batch(frames, np.arange(min(batch_size, len(frames))), torch.device("cpu"))
    target = torch.from_numpy(labels[: len(batch)])
    model = build_network("tutorial").to(memory_format=torch.channels_last)
    fused = with_rectified_pooling(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=TUTORIAL_RATE, fused=True)
    for _ in range(math.ceil(len(frames) / batch_size) * epochs):
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            outputs = fused(batch)
        functional.cross_entropy(outputs.float(), target).backward()
        optimizer.step()
    return math.nan
