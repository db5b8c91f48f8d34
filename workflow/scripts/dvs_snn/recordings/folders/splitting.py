"""Lists recordings in split tables; assigns symbols to training, validation and test."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import integer_seed
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.folder import SourceFile, list_folder
from dvs_snn.recordings.folders.split_table import split_row
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.plausibility.sensor_checks import refuse
from dvs_snn.recordings.recording import read_recording
from dvs_snn.settings.data import DIGITS, Classes, PlacedRecordings, SplitShares

_log = logging.getLogger(__name__)


def read_files(
    files: Sequence[SourceFile], where: PlacedRecordings, progress: Progress, title: str
) -> tuple[pd.DataFrame, list[StudyError]]:
    """Read files and return the split table, its parts left empty, and the faults of other files.

    All recordings get one sensor size, that of the settings `where` or the largest of the files:
    otherwise their centre would move from file to file. Copies of a recording in its folder, class
    and format are left out, however compressed, and the log names them.
    """
    placement = placement_of(where)

    def row_of(file: SourceFile, sensor_size: Sequence[int] | None) -> dict[str, Any]:
        recording = read_recording(file.path, sensor_size, where.time_unit)
        return split_row(file, "", recording, placement, time_unit=where.time_unit)

    rows: dict[SourceFile, dict[str, Any]] = {}
    faults = []
    for file in progress.over(files, "recording", title):
        try:
            rows[file] = row_of(file, where.sensor_size)
        except StudyError as fault:
            faults.append(fault)

    width = max((row["sensor_width"] for row in rows.values()), default=0)
    height = max((row["sensor_height"] for row in rows.values()), default=0)
    firsts: dict[tuple[str, str, str], dict[str, Any]] = {}
    for file, row in rows.items():
        if (row["sensor_width"], row["sensor_height"]) != (width, height):
            row = row_of(file, (width, height)) | {"size_told": 0}
        folder = file.name.rpartition("/")[0]
        first = firsts.setdefault((folder, file.path.suffix, row["events_hash"]), row)
        if first is not row:
            _log.warning(f"{row['recording']} is left out: a copy of {first['recording']}.")
    return pd.DataFrame(list(firsts.values())), faults


def list_recordings(
    files: Sequence[SourceFile], where: PlacedRecordings, progress: Progress, title: str
) -> pd.DataFrame:
    """Return the split table of files; StudyError tells the first fault, and how many there are."""
    table, faults = read_files(files, where, progress, title)
    if not faults:
        return table
    if len(faults) == 1:
        raise faults[0]
    raise StudyError(
        f"{faults[0]}; {len(faults) - 1} more of {len(files)} recordings have faults: "
        "python workflow/check.py lists all"
    )


def split_symbols(
    labels: dict[str, int],
    shares: SplitShares,
    seed: int,
    with_test: bool = True,
    classes: Sequence[str] = DIGITS,
) -> dict[str, str]:
    """Split symbols, by their `labels`, into ``train``, ``validation`` and perhaps ``test``.

    Every class is in every part, or a StudyError tells that it has too few symbols.
    """
    # Light jobs import this module too.
    from sklearn.model_selection import train_test_split

    left = sorted(labels)
    parts = dict.fromkeys(left, "train")
    for name in ["test", "validation"] if with_test else ["validation"]:
        share = getattr(shares, name)
        try:
            left, taken = train_test_split(
                left,
                test_size=share,
                stratify=[labels[symbol] for symbol in left],
                random_state=integer_seed(seed, "split", name),
            )
        except ValueError as error:
            called = Classes(classes)
            n_classes = len(set(labels.values()))
            raise StudyError(
                f"{len(left)} symbols of {n_classes} {called.words} can't give a {name} part of "
                f"{share:g} with every {called.word} in it; add recordings, change data.split, or "
                "name the folder in evaluation.sets to test on it alone."
            ) from error
        left = sorted(left)
        parts.update(dict.fromkeys(taken, name))
    return parts


def split_folder(
    root: Path,
    test_root: Path | None,
    where: PlacedRecordings,
    shares: SplitShares,
    seed: int,
    progress: Progress,
    classes: Sequence[str] = DIGITS,
) -> pd.DataFrame:
    """Read every recording of folders once, and return the split as a table."""
    files = list_folder(root, classes)
    labels = {file.symbol: file.label for file in files}
    parts = split_symbols(labels, shares, seed, test_root is None, classes)
    if test_root is not None:
        tests = list_folder(test_root, classes, "test/")
        files += tests
        parts |= {file.symbol: "test" for file in tests}
    table = list_recordings(files, where, progress, "split")
    return table.assign(split=table["symbol"].map(parts))


@dataclass(frozen=True)
class SplitJob:
    """What the rule `split` gives.

    Attributes:
        folders: into which archives were unpacked, recordings that train and perhaps others that
            test; empty where the user's `folder` and perhaps `test_folder` hold them.
    """

    folders: list[Path]
    folder: Path | None
    test_folder: Path | None
    where: PlacedRecordings
    shares: SplitShares
    seed: int
    classes: tuple[str, ...]
    table: Path


def split_data(job: SplitJob, progress: Progress) -> None:
    """List the study's recordings and split them by symbol."""
    root, *tests = job.folders or [path for path in (job.folder, job.test_folder) if path]
    test_root = tests[0] if tests else None
    rows = split_folder(root, test_root, job.where, job.shares, job.seed, progress, job.classes)
    refuse("section data", rows, job.where.time_unit)
    _write(rows, job.table, progress)


@dataclass(frozen=True)
class ListSetJob:
    """What the rule `list_set` gives, of the added set `set`."""

    folder: Path
    set: str
    where: PlacedRecordings
    classes: tuple[str, ...]
    table: Path


def list_set(job: ListSetJob, progress: Progress) -> None:
    """List the recordings of an added set."""
    rows = list_recordings(list_folder(job.folder, job.classes), job.where, progress, job.set)
    refuse(f"set {job.set}", rows, job.where.time_unit)
    _write(rows.assign(split=job.set), job.table, progress)


def _write(rows: pd.DataFrame, table: Path, progress: Progress) -> None:
    write_table(rows, table, "split")
    progress.say(f"{len(rows)} recordings of {rows['symbol'].nunique()} symbols")
