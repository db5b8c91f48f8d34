"""What a lesson shows a network that trains on frames."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from dvs_snn.datasets.samples import PlacedRecording
from dvs_snn.events.frames import accumulate, training_rule
from dvs_snn.realism.learning.lessons import DRAWS, Lesson, spread
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.training import AffineRanges
from dvs_snn.training.augmentation import random_affine
from dvs_snn.training.materials.frames import Frames

FRAMES = 40_000
"""Frames of an epoch of a lesson."""

MOVED = AffineRanges((0.92, 1.08), (0.03, 0.03), 8.0)
"""How real frames are moved, since real recordings don't vary as simulated ones do."""


def real_frames(
    recordings: Sequence[PlacedRecording],
    rule: FrameRule,
    limits: Sequence[int] | None,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut each recording `DRAWS` times into frames, as training cuts simulated ones; move each.

    Args:
        rule: the study's rule for frames.
        limits: smallest and largest number of events of a training frame; None: the rule's.

    Returns:
        uint8 (frame, 1, height, width) and the labels, int64 (frame,).
    """
    pixels, labels = [], []
    for one in recordings:
        for _ in range(DRAWS):
            for frame in accumulate(one.placed, training_rule(rule, limits, rng)):
                pixels.append(frame.pixels)
                labels.append(one.label)
    frames = torch.from_numpy(np.stack(pixels)).float()
    moves = torch.Generator().manual_seed(int(rng.integers(2**32)))
    moved = random_affine(frames, MOVED, moves).to(torch.uint8).numpy()
    return moved, np.array(labels, dtype=np.int64)


def mixed_frames(
    simulated: Frames, real: tuple[np.ndarray, np.ndarray] | None, lesson: Lesson
) -> Frames:
    """Return the frames of a lesson: `FRAMES` an epoch, or as many as the study has.

    Real frames come again until they make up their share of an epoch.

    Args:
        simulated: the study's training and validation frames.
        real: pixels and labels as `real_frames` returns them; None without real recordings.
    """
    n_simulated, n_real = lesson.counts(min(FRAMES, len(simulated.rows)))
    kept = spread(simulated.rows, n_simulated)
    if real is None:
        return replace(simulated, rows=kept)
    pixels, labels = real
    rows = len(simulated.frames) + np.resize(np.arange(len(pixels)), n_real)
    return Frames(
        np.concatenate([simulated.frames, pixels]),
        np.concatenate([simulated.labels, labels]),
        np.concatenate([kept, rows]),
        simulated.validation_rows,
    )
