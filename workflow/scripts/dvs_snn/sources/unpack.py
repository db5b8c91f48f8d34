"""Unpacks recordings of MNIST-DVS and N-MNIST from their archives, only the ones asked for."""

import os
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from dvs_snn.files.atomic import scratch_folder
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.sources.checksums import verified
from dvs_snn.sources.unzip import unpack_chosen

_MNIST_DVS = re.compile(r"mnist_(?P<digit>\d)_scale(?P<scale>\d\d)_(?P<symbol>\d+)\.aedat")
_NMNIST = re.compile(r"(?P<digit>\d)/(?P<symbol>\d+)\.bin")


def _first(symbols: set[int], n: int | None, path: Path, digit: str) -> set[int]:
    """Return the n smallest numbers of symbols; None asks for all."""
    if n is not None and len(symbols) < n:
        raise StudyError(
            f"{path}: holds {len(symbols)} symbols of digit {digit}, expected the {n} that "
            "data.per_digit asks for; ask for fewer, or leave it empty for all."
        )
    return set(sorted(symbols)[:n])


def choose_mnist_dvs(
    members: Sequence[str], path: Path, sizes: Sequence[int], per_digit: int | None
) -> dict[str, str]:
    """Choose recordings of ``grabbed_dataD/scaleS/mnist_D_scaleSS_NNNN.aedat`` by size and number.

    The same NNNN at every size is one symbol: with several sizes each symbol has them all.

    Returns:
        Name of the member -> ``<digit>/<file name>``.

    Raises:
        StudyError: a size or a symbol is lacking.
    """
    found: dict[tuple[str, int, int], str] = {}
    for name in members:
        match = _MNIST_DVS.fullmatch(PurePosixPath(name).name)
        if match and int(match["scale"]) in sizes:
            found[match["digit"], int(match["scale"]), int(match["symbol"])] = name
    for size in sizes:
        if not any(key[1] == size for key in found):
            raise StudyError(
                f"{path}: holds no recording mnist_D_scale{size:02d}_NNNN.aedat, expected those "
                f"of scale {size} that data.scales asks for; is this an archive of MNIST-DVS?"
            )
    chosen = {}
    for digit in sorted({key[0] for key in found}):
        by_size = [{n for d, s, n in found if (d, s) == (digit, size)} for size in sizes]
        for symbol in sorted(_first(set.intersection(*by_size), per_digit, path, digit)):
            for size in sizes:
                name = found[digit, size, symbol]
                chosen[name] = f"{digit}/{PurePosixPath(name).name}"
    return chosen


def choose_nmnist(members: Sequence[str], path: Path, per_digit: int | None) -> dict[str, str]:
    """Choose recordings of ``Train/D/NNNNN.bin`` (or ``Test``) by number.

    Returns:
        Name of the member -> ``<digit>/<file name>``.

    Raises:
        StudyError: a digit or a symbol is lacking.
    """
    found: dict[str, dict[int, str]] = {str(digit): {} for digit in range(10)}
    for name in members:
        match = _NMNIST.fullmatch("/".join(PurePosixPath(name).parts[-2:]))
        if match:
            found[match["digit"]][int(match["symbol"])] = name
    chosen = {}
    for digit, names in found.items():
        if not names:
            raise StudyError(
                f"{path}: holds no recording {digit}/NNNNN.bin, expected some of each digit; is "
                "this an archive of N-MNIST?"
            )
        for symbol in sorted(_first(set(names), per_digit, path, digit)):
            chosen[names[symbol]] = f"{digit}/{PurePosixPath(names[symbol]).name}"
    return chosen


def unpack_recordings(
    archives: Sequence[Path],
    receipts: Sequence[Path],
    sizes: Sequence[int] | None,
    per_digit: int | None,
    folder: Path,
    progress: Progress,
) -> None:
    """Unpack recordings as ``<folder>/<digit>/<file>``; the folder appears whole or not at all.

    Args:
        receipts: of the archives, in their order: their size and hash when they were checked.
        sizes: 4, 8 or 16 of MNIST-DVS; None for N-MNIST.
        per_digit: symbols of each digit, the first by number; None for all.

    Raises:
        StudyError: an archive has changed, is damaged or unsafe, or lacks what is asked for.
    """
    with (
        scratch_folder(folder) as scratch,
        progress.bar(len(archives), "archive", "unpack") as bar,
    ):
        whole = scratch / "recordings"
        for path, receipt in zip(archives, receipts, strict=True):
            choose: Callable[[Sequence[str]], dict[str, str]] = (
                partial(choose_nmnist, path=path, per_digit=per_digit)
                if sizes is None
                else partial(choose_mnist_dvs, path=path, sizes=sizes, per_digit=per_digit)
            )
            n = len(unpack_chosen(verified(path, receipt), choose, whole))
            progress.say(f"{path.name}: {n} recordings")
            bar.advance(1)
        os.replace(whole, folder)
