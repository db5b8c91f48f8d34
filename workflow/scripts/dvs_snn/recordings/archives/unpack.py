"""Unpacks ZIP archives from elsewhere: every member is checked before the first is unpacked."""

import os
import re
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path, PurePosixPath

from dvs_snn.files.atomic import replacing, scratch_folder
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.job import Progress

MAX_TOTAL_BYTES = 40 * 2**30
"""Most bytes that an archive may unpack to."""

MAX_RATIO = 200
"""Most bytes that a byte may unpack to, in archives that unpack to more than `FREE_BYTES`. Event
recordings reach about 5; deflate allows 1,032."""

FREE_BYTES = 2**20

# A digit's symbols are chosen if each `kind` is there: a size of MNIST-DVS, the digit of N-MNIST.
_MNIST_DVS = re.compile(r"(?:^|/)mnist_(?P<digit>\d)_scale(?P<kind>\d\d)_(?P<symbol>\d+)\.aedat$")
_NMNIST = re.compile(r"(?:^|/)(?P<kind>(?P<digit>\d))/(?P<symbol>\d+)\.bin$")


def unpack_chosen(
    path: Path, choose: Callable[[Sequence[str]], Mapping[str, str]], folder: Path
) -> list[Path]:
    """Unpack files of an archive below `folder`, a scratch folder; return where they are.

    Args:
        choose: takes the names of all files but what macOS adds. It returns where each wanted file
            goes below `folder`, by name.
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
    except Exception as error:  # zipfile, zlib and struct raise nearly anything on damaged bytes
        raise StudyError(
            f"{path}: can't be unpacked ({reason_of(error)}), expected a whole ZIP archive without "
            "a password, and a disk with room; fetch it again, or make room."
        ) from error
    return list(targets.values())


def unpack_member(path: Path, target: Path) -> None:
    """Unpack the member of the archive `path` that has the file name of `target`.

    Afterwards `target` is complete, or it doesn't exist. StudyError if there isn't exactly one such
    member.
    """
    with replacing(target) as temporary:

        def choose(names: Sequence[str]) -> dict[str, str]:
            members = [name for name in names if PurePosixPath(name).name == target.name]
            if len(members) != 1:
                raise StudyError(
                    f"{path}: holds {len(members)} members called {target.name!r}, expected one; "
                    "fetch it again."
                )
            return {members[0]: temporary.name}

        unpack_chosen(path, choose, temporary.parent)


@dataclass(frozen=True)
class UnpackVideoJob:
    """What the rule `unpack_video` gives: an archive, and the file to unpack."""

    archive: Path
    recording: Path


def unpack_video(job: UnpackVideoJob) -> None:
    """Unpack the one file of an archive that is called as `recording`."""
    unpack_member(job.archive, job.recording)


def _checked_files(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Check all members; return the files by name, but not what macOS adds."""
    files = {}
    for member in archive.infolist():
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if not name.parts or name.is_absolute() or ".." in name.parts:
            raise StudyError(
                f"{path}: member {member.filename[:80]!a} leads out of the archive's folder; "
                "this archive isn't safe to unpack."
            )
        if not member.is_dir() and "__MACOSX" not in name.parts:
            files[str(name)] = member
    total = sum(member.file_size for member in files.values())
    limit = min(MAX_TOTAL_BYTES, max(FREE_BYTES, MAX_RATIO * path.stat().st_size))
    if total > limit:
        raise StudyError(
            f"{path}: unpacks to {total} bytes, expected at most {limit}; this archive isn't safe "
            "to unpack."
        )
    return files


def choose_recordings(
    members: Sequence[str],
    path: Path,
    sizes: Sequence[int] | None,
    per_digit: int | None,
    largest: int | None = None,
) -> dict[str, str]:
    """Choose recordings of an archive; return where each goes, ``<digit>/<file>``, by member name.

    N-MNIST has ``Train/D/NNNNN.bin``. MNIST-DVS has
    ``grabbed_dataD/scaleS/mnist_D_scaleSS_NNNN.aedat``: files with the same NNNN show one symbol. A
    symbol is chosen if it has a file of each size in `sizes`.

    Args:
        sizes: of MNIST-DVS, 4, 8 or 16; None for N-MNIST.
        per_digit: how many symbols of each digit, lowest numbers first; None for all.
        largest: the highest number that a symbol may have; None for any.

    Raises:
        StudyError: if no recording has one of the sizes (of N-MNIST: one of the ten digits), or
            if a digit has fewer than `per_digit`.
    """
    if sizes is None:
        pattern = _NMNIST
        name = "{}/NNNNN.bin"
        kinds = [str(digit) for digit in range(10)]
        n_files = 1
    else:
        pattern = _MNIST_DVS
        name = "mnist_D_scale{}_NNNN.aedat"
        kinds = [f"{size:02d}" for size in sizes]
        n_files = len(sizes)
    symbols: dict[tuple[str, int], dict[str, str]] = {}
    for member in members:
        match = pattern.search(member)
        if match is None or match["kind"] not in kinds:
            continue
        if largest is None or int(match["symbol"]) <= largest:
            symbol = symbols.setdefault((match["digit"], int(match["symbol"])), {})
            symbol[match["kind"]] = member
    if lacking := sorted(set(kinds) - {kind for files in symbols.values() for kind in files}):
        raise StudyError(
            f"{path}: holds no recording {name.format(lacking[0])}, expected at least one; is it "
            "an archive of the data set, and are data.scales those that you want?"
        )
    chosen: dict[str, str] = {}
    for digit, keys in groupby(sorted(symbols), key=itemgetter(0)):
        whole = [symbols[key] for key in keys if len(symbols[key]) == n_files]
        if per_digit is not None and len(whole) < per_digit:
            raise StudyError(
                f"{path}: holds {len(whole)} symbols of digit {digit}, expected the {per_digit} "
                "that data.per_digit asks for; ask for fewer, or leave it empty for all."
            )
        for files in whole[:per_digit]:
            chosen |= {file: f"{digit}/{PurePosixPath(file).name}" for file in files.values()}
    return chosen


@dataclass(frozen=True)
class UnpackRecordingsJob:
    """What the rule `unpack_recordings` gives: arguments of `choose_recordings`.

    Attributes:
        scales: its `sizes`.
    """

    archives: list[Path]
    scales: list[int] | None
    per_digit: int | None
    largest: int | None
    folder: Path


def unpack_recordings(job: UnpackRecordingsJob, progress: Progress) -> None:
    """Unpack recordings of MNIST-DVS or N-MNIST; their folder appears whole or not at all."""
    with scratch_folder(job.folder) as scratch:
        whole = scratch / "recordings"
        for path in progress.over(job.archives, "archive", "unpack"):
            choose = partial(
                choose_recordings,
                path=path,
                sizes=job.scales,
                per_digit=job.per_digit,
                largest=job.largest,
            )
            n = len(unpack_chosen(path, choose, whole))
            progress.say(f"{path.name}: {n} recordings")
        os.replace(whole, job.folder)
