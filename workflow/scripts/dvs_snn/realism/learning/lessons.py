"""What a network is trained on further: simulated recordings, real ones, or both."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dvs_snn.datasets.samples import PlacedRecording
from dvs_snn.files.errors import StudyError
from dvs_snn.realism.twins import half_of
from dvs_snn.settings.simulation.learning import ALONE

REAL_SHARE = 0.3
"""Share of the training samples that are real, where there are both."""

DRAWS = 8
"""Times that a real recording is taken, each time moved in another way."""


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

    def counts(self, n: int) -> tuple[int, int]:
        """Return how many of `n` samples of an epoch are simulated, and how many are real."""
        n_real = round(REAL_SHARE * n) if self.simulated else n
        return (n - n_real, n_real) if self.real else (n, 0)


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


def spread(rows: np.ndarray, n: int) -> np.ndarray:
    """Return `n` rows from all over the samples, which lie by scene and symbol."""
    return rows[np.linspace(0, len(rows) - 1, n).round().astype(int)]
