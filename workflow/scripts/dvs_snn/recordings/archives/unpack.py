"""Unpacks ZIP archives from elsewhere: every member is checked before the first is unpacked."""

import os
import re
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from dvs_snn.files.atomic import replacing, scratch_folder
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.job import Progress
from dvs_snn.recordings.archives.catalogue import verified

MAX_TOTAL_BYTES = 40 * 2**30
MAX_RATIO = 200
"""Most bytes that a byte may unpack to, in archives that unpack to more than `FREE_BYTES`. Event
recordings reach about 5; deflate allows 1,032."""
FREE_BYTES = 2**20

# What zipfile unpacks otherwise may fill the memory with a few packed bytes.
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_MNIST_DVS = re.compile(r"mnist_(?P<digit>\d)_scale(?P<scale>\d\d)_(?P<symbol>\d+)\.aedat")
_NMNIST = re.compile(r"(?P<digit>\d)/(?P<symbol>\d+)\.bin")


def unpack_chosen(
    path: Path, choose: Callable[[Sequence[str]], Mapping[str, str]], folder: Path
) -> list[Path]:
    """Unpack the files of an archive that `choose` chooses, below `folder`; return where they are.

    Files unpacked before a fault, a StudyError, stay, so give a scratch folder.

    Args:
        choose: takes the names of all files but what macOS adds; returns name -> path below
            `folder` of the wanted ones.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            files = _checked_files(path, archive)
            targets = {name: folder / place for name, place in choose(list(files)).items()}
            for name, target in targets.items():
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(files[name]) as packed, open(target, "wb") as out:
                    shutil.copyfileobj(packed, out)
    except StudyError:
        raise
    except FileNotFoundError as error:
        raise StudyError(f"{path}: no such file; put the archive there.") from error
    except Exception as error:  # zipfile, zlib and struct raise nearly anything on damaged bytes
        raise StudyError(
            f"{path}: can't be unpacked ({reason_of(error)}), expected a whole ZIP archive without "
            "a password, and a disk with room; fetch it again, or make room."
        ) from error
    return list(targets.values())


def unpack_member(path: Path, target: Path) -> None:
    """Unpack the one file of `path` that is called as `target`, whole or not at all."""
    with replacing(target) as temporary:

        def choose(names: Sequence[str]) -> dict[str, str]:
            held = [member for member in names if PurePosixPath(member).name == target.name]
            if (n := len(held)) != 1:
                raise StudyError(f"{path}: holds {n} members called {target.name!r}, expected one.")
            return {held[0]: temporary.name}

        unpack_chosen(path, choose, temporary.parent)


def unpack_video(archive: Path, receipt: Path, recording: Path, progress: Progress) -> None:
    """Unpack the one file of an archive that is called as `recording` (rule unpack_video)."""
    unpack_member(verified(archive, receipt), recording)
    progress.say(f"unpacked {recording.name}")


def _checked_files(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Check all members; return the files by name, but not what macOS adds."""
    members = archive.infolist()
    files = {}
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if not name.parts or name.is_absolute() or ".." in name.parts:
            raise StudyError(
                f"{path}: member {member.filename[:80]!a} leads out of the archive's folder; "
                "this archive isn't safe to unpack."
            )
        if member.compress_type not in _COMPRESSIONS:
            raise StudyError(
                f"{path}: member {member.filename[:80]!a} is packed by method "
                f"{member.compress_type}, expected 0 (stored) or 8 (deflated); pack it again."
            )
        if not member.is_dir() and "__MACOSX" not in name.parts:
            files[str(name)] = member
    total = sum(member.file_size for member in members)
    limit = min(MAX_TOTAL_BYTES, max(FREE_BYTES, MAX_RATIO * path.stat().st_size))
    if total > limit:
        raise StudyError(
            f"{path}: unpacks to {total} bytes, expected at most {limit}; this archive isn't safe "
            "to unpack."
        )
    return files


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
    symbols: dict[tuple[str, int], dict[int, str]] = {}
    for name in members:
        match = _MNIST_DVS.fullmatch(PurePosixPath(name).name)
        if match and int(match["scale"]) in sizes:
            symbol = match["digit"], int(match["symbol"])
            symbols.setdefault(symbol, {})[int(match["scale"])] = name
    for size in sizes:
        if not any(size in by_size for by_size in symbols.values()):
            raise StudyError(
                f"{path}: holds no recording mnist_D_scale{size:02d}_NNNN.aedat, expected those "
                f"of scale {size} that data.scales asks for; is this an archive of MNIST-DVS?"
            )
    digits: dict[str, dict[int, list[str]]] = {digit: {} for digit, _ in symbols}
    for (digit, symbol), by_size in symbols.items():
        if len(by_size) == len(sizes):
            digits[digit][symbol] = [by_size[size] for size in sizes]
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
    scales: Sequence[int] | None,
    per_digit: int | None,
    folder: Path,
    progress: Progress,
) -> None:
    """Unpack recordings as ``<folder>/<digit>/<file>``, whole or not at all (its own rule).

    Args:
        receipts: of the archives, in their order.
        scales: sizes of MNIST-DVS, 4, 8 or 16; None for N-MNIST.
        per_digit: symbols of each digit, the first by number; None for all.
    """
    choose = choose_nmnist if scales is None else partial(choose_mnist_dvs, sizes=scales)
    total = len(archives)
    with scratch_folder(folder) as scratch, progress.bar(total, "archive", "unpack") as bar:
        whole = scratch / "recordings"
        for path, receipt in zip(archives, receipts, strict=True):
            of_archive = partial(choose, path=path, per_digit=per_digit)
            n = len(unpack_chosen(verified(path, receipt), of_archive, whole))
            progress.say(f"{path.name}: {n} recordings")
            bar.advance(1)
        os.replace(whole, folder)
