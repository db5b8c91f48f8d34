"""What a network is trained on further: simulated frames, frames of real recordings, or both."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from dvs_snn.datasets.samples import PlacedRecording
from dvs_snn.events.frames import accumulate, training_rule
from dvs_snn.files.errors import StudyError
from dvs_snn.realism.twins import half_of
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.simulation import ALONE
from dvs_snn.settings.training import AffineRanges
from dvs_snn.training.augmentation import random_affine
from dvs_snn.training.materials.frames import Frames

REAL_SHARE = 0.3
"""Share of the training frames that are real, where there are both."""

FRAMES = 40_000
"""Frames of an epoch of a lesson."""

DRAWS = 8
"""Times that a real recording is cut into frames, each time of another number of events."""

MOVED = AffineRanges((0.92, 1.08), (0.03, 0.03), 8.0)
"""How real frames are moved, since real recordings don't vary as simulated ones do."""


@dataclass(frozen=True)
class Lesson:
    """What a network is trained on further.

    Attributes:
        real: number of real recordings, each of one symbol of the odd half.
        simulated: whether the simulated frames of the study train it too.
    """

    real: int
    simulated: bool

    @classmethod
    def named(cls, name: str) -> "Lesson":
        """Return the lesson of a name, such as ``100`` or ``500-alone``."""
        number, alone = re.fullmatch(rf"(\d+)({ALONE})?", name).groups()
        return cls(int(number), alone is None)


def chosen_recordings(
    recordings: Iterable[PlacedRecording], n: int, rng: np.random.Generator
) -> list[PlacedRecording]:
    """Choose real recordings of the odd half, as many of each digit as can be.

    Raises:
        StudyError: there are fewer.
    """
    by_digit: dict[int, list[PlacedRecording]] = {}
    for one in recordings:
        if half_of(one.symbol) == "odd":
            by_digit.setdefault(one.label, []).append(one)
    # The place of a recording in the random order of its digit's; first places come first.
    turns = [
        (turn, digit, own[place])
        for digit, own in sorted(by_digit.items())
        for turn, place in enumerate(rng.permutation(len(own)))
    ]
    if len(turns) < n:
        raise StudyError(
            f"config key simulation.learning.recordings holds {n}, but the real twins have only "
            f"{len(turns)} recordings of the odd half; ask for fewer."
        )
    return [one for _, _, one in sorted(turns, key=lambda turn: turn[:2])[:n]]


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


def mixed(simulated: Frames, real: tuple[np.ndarray, np.ndarray] | None, lesson: Lesson) -> Frames:
    """Return the frames of a lesson: `FRAMES` an epoch, or as many as the study has.

    Real frames come again until they make up `REAL_SHARE` of an epoch, or all of it.

    Args:
        simulated: the study's training and validation frames.
        real: pixels and labels as `real_frames` returns them; None without real recordings.
    """
    n = min(FRAMES, len(simulated.rows))
    if real is None:
        return replace(simulated, rows=_spread(simulated.rows, n))
    pixels, labels = real
    n_real = round(REAL_SHARE * n) if lesson.simulated else n
    rows = len(simulated.frames) + np.resize(np.arange(len(pixels)), n_real)
    return Frames(
        np.concatenate([simulated.frames, pixels]),
        np.concatenate([simulated.labels, labels]),
        np.concatenate([_spread(simulated.rows, n - n_real), rows]),
        simulated.validation_rows,
    )


def _spread(rows: np.ndarray, n: int) -> np.ndarray:
    """Return `n` rows from all over the frames, which lie by scene and symbol."""
    return rows[np.linspace(0, len(rows) - 1, n).round().astype(int)]
