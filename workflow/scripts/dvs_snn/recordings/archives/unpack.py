"""Unpacks from archives the recordings of MNIST-DVS and N-MNIST that the settings ask for."""

import os
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from dvs_snn.files.atomic import scratch_folder
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.recordings.archives.checksums import verified
from dvs_snn.recordings.archives.unzip import unpack_chosen

_MNIST_DVS = re.compile(r"mnist_(?P<digit>\d)_scale(?P<scale>\d\d)_(?P<symbol>\d+)\.aedat")
_NMNIST = re.compile(r"(?P<digit>\d)/(?P<symbol>\d+)\.bin")


def _chosen(
    digits: Mapping[str, Mapping[int, Sequence[str]]], path: Path, per_digit: int | None
) -> dict[str, str]:
    """Return the members of each digit's first symbols; `digits`: symbol -> its members."""
    chosen = {}
    for digit, symbols in sorted(digits.items()):
        if per_digit is not None and len(symbols) < per_digit:
            raise StudyError(
                f"{path}: holds {len(symbols)} symbols of digit {digit}, expected the {per_digit} "
                "that data.per_digit asks for; ask for fewer, or leave it empty for all."
            )
        for symbol in sorted(symbols)[:per_digit]:
            for name in symbols[symbol]:
                chosen[name] = f"{digit}/{PurePosixPath(name).name}"
    return chosen


def choose_mnist_dvs(
    members: Sequence[str], path: Path, sizes: Sequence[int], per_digit: int | None
) -> dict[str, str]:
    """Choose recordings of ``grabbed_dataD/scaleS/mnist_D_scaleSS_NNNN.aedat`` by size and number.

    The same NNNN at every size is one symbol: with several sizes each symbol has them all. Returns
    name of the member -> ``<digit>/<file name>``; if some are lacking, StudyError is raised.
    """
    found: dict[tuple[str, int], dict[int, str]] = {}
    for name in members:
        match = _MNIST_DVS.fullmatch(PurePosixPath(name).name)
        if match and int(match["scale"]) in sizes:
            found.setdefault((match["digit"], int(match["symbol"])), {})[int(match["scale"])] = name
    for size in sizes:
        if not any(size in of_size for of_size in found.values()):
            raise StudyError(
                f"{path}: holds no recording mnist_D_scale{size:02d}_NNNN.aedat, expected those "
                f"of scale {size} that data.scales asks for; is this an archive of MNIST-DVS?"
            )
    digits: dict[str, dict[int, list[str]]] = {digit: {} for digit, _ in found}
    for (digit, symbol), of_size in found.items():
        if len(of_size) == len(sizes):
            digits[digit][symbol] = [of_size[size] for size in sizes]
    return _chosen(digits, path, per_digit)


def choose_nmnist(members: Sequence[str], path: Path, per_digit: int | None) -> dict[str, str]:
    """Choose recordings of ``Train/D/NNNNN.bin`` (or ``Test``) by number, as `choose_mnist_dvs`."""
    digits: dict[str, dict[int, list[str]]] = {str(digit): {} for digit in range(10)}
    for name in members:
        match = _NMNIST.fullmatch("/".join(PurePosixPath(name).parts[-2:]))
        if match:
            digits[match["digit"]][int(match["symbol"])] = [name]
    for digit, symbols in digits.items():
        if not symbols:
            raise StudyError(
                f"{path}: holds no recording {digit}/NNNNN.bin, expected some of each digit; is "
                "this an archive of N-MNIST?"
            )
    return _chosen(digits, path, per_digit)


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
        receipts: of the archives, in their order.
        sizes: 4, 8 or 16 of MNIST-DVS; None for N-MNIST.
        per_digit: symbols of each digit, the first by number; None for all.

    Raises:
        StudyError: an archive has changed, is damaged or unsafe, or lacks what is asked for.
    """
    choose = choose_nmnist if sizes is None else partial(choose_mnist_dvs, sizes=sizes)
    total = len(archives)
    with scratch_folder(folder) as scratch, progress.bar(total, "archive", "unpack") as bar:
        whole = scratch / "recordings"
        for path, receipt in zip(archives, receipts, strict=True):
            of_archive = partial(choose, path=path, per_digit=per_digit)
            n = len(unpack_chosen(verified(path, receipt), of_archive, whole))
            progress.say(f"{path.name}: {n} recordings")
            bar.advance(1)
        os.replace(whole, folder)
