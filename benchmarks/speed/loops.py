"""The contestants of training: the tutorial's loop as published, this study's, and the limit."""

import io
import math
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from dvs_snn.files.job import Progress
from dvs_snn.networks.architectures import build_network
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.training import AffineRanges, Variant
from dvs_snn.training.loop import train
from dvs_snn.training.material import FrameMaterial, Task

TUTORIAL_BATCH = 256
TUTORIAL_RATE = 1e-3
STUDY_SEED = 1


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


def ours(array: Path, labels: np.ndarray, settings: Variant, seed: int) -> float:
    """Train by the study's loop on packed frames; return the mean loss of the last epoch."""
    frames = np.load(array, mmap_mode="r")
    given = FrameMaterial(frames, labels, np.arange(len(frames)), np.zeros(0, dtype=np.int64))
    task = Task("tutorial", settings, NeuronParameters(), STUDY_SEED, seed)
    return train(task, given, Progress(io.StringIO())).curve[-1].loss
