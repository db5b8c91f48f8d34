"""Lists recordings in split tables; assigns symbols to training, validation and test."""

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
from dvs_snn.recordings.plausibility.sensor import refuse
from dvs_snn.recordings.recording import read_recording
from dvs_snn.settings.data import DIGITS, Classes, PlacedRecordings, SplitShares


@dataclass(frozen=True)
class Entry:
    """A file to list; `prefix` goes before the names of its recording and symbol."""

    file: SourceFile
    split: str
    prefix: str = ""


def read_entries(
    entries: Sequence[Entry], where: PlacedRecordings, progress: Progress, title: str
) -> tuple[list[dict[str, Any]], list[StudyError]]:
    """Read every file and return the rows of the split table, and the faults of the other files.

    All recordings get one sensor size, that of the settings `where` or the largest of the files:
    otherwise the centre that is laid on the network's would move from file to file. Copies of a
    file in its folder and class are left out; the first one's row names them.
    """
    placement = placement_of(where)

    def row_of(entry: Entry, sensor_size: Sequence[int] | None) -> dict[str, Any]:
        file, prefix = entry.file, entry.prefix
        recording = read_recording(file.path, sensor_size, where.time_unit)
        named = prefix + file.name, file.path, prefix + file.symbol, file.label, entry.split
        return split_row(*named, recording, placement, time_unit=where.time_unit)

    listed, rows, faults = [], [], []
    with progress.bar(len(entries), "recording", title) as bar:
        for entry in entries:
            try:
                rows.append(row_of(entry, where.sensor_size))
                listed.append(entry)
            except StudyError as fault:
                faults.append(fault)
            bar.advance(1)
    sizes = [(row["sensor_width"], row["sensor_height"]) for row in rows]
    largest = tuple(map(max, zip(*sizes, strict=True)))
    for number, size in enumerate(sizes):
        if size != largest:
            rows[number] = row_of(listed[number], largest) | {"size_told": 0}
    firsts: dict[tuple[str, str, int], dict[str, Any]] = {}
    for entry, row in zip(listed, rows, strict=True):
        first = firsts.setdefault((entry.prefix, row["sha256"], entry.file.label), row)
        if first is not row:
            first["copies"] += f"//{row['recording']}"
    return list(firsts.values()), faults


def list_recordings(
    entries: Sequence[Entry], where: PlacedRecordings, progress: Progress, title: str
) -> pd.DataFrame:
    """Return the split table of files; StudyError tells the first fault, and how many there are."""
    rows, faults = read_entries(entries, where, progress, title)
    if not faults:
        return pd.DataFrame(rows)
    if len(faults) == 1:
        raise faults[0]
    raise StudyError(
        f"{faults[0]}; {len(faults) - 1} more of {len(entries)} recordings have faults: "
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
        share, classes_left = getattr(shares, name), [labels[symbol] for symbol in left]
        drawn = integer_seed(seed, "split", name)
        try:
            left, taken = train_test_split(
                left, test_size=share, stratify=classes_left, random_state=drawn
            )
        except ValueError as error:
            n_classes, called = len(set(labels.values())), Classes(classes)
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
    """Read every recording of folders once, as `where` says, and return the split as a table."""
    files = list_folder(root, classes)
    labels = {file.symbol: file.label for file in files}
    parts = split_symbols(labels, shares, seed, test_root is None, classes)
    entries = [Entry(file, parts[file.symbol]) for file in files]
    if test_root is not None:
        entries += [Entry(file, "test", "test/") for file in list_folder(test_root, classes)]
    return list_recordings(entries, where, progress, "split")


def split_data(
    folders: Sequence[Path],
    folder: Path | None,
    test_folder: Path | None,
    where: PlacedRecordings,
    shares: SplitShares,
    seed: int,
    classes: Sequence[str],
    table: Path,
    progress: Progress,
) -> None:
    """List the study's recordings and split them by symbol (rule split).

    Args:
        folders: into which archives were unpacked, in place of `folder` and `test_folder`.
    """
    root, test_root = [*folders, None][:2] if folders else (folder, test_folder)
    rows = split_folder(root, test_root, where, shares, seed, progress, classes)
    refuse("section data", rows, where.time_unit)
    _write(rows, table, progress)


def list_set(
    folder: Path,
    set: str,
    where: PlacedRecordings,
    classes: Sequence[str],
    table: Path,
    progress: Progress,
) -> None:
    """List the recordings of an added set (rule list_set)."""
    entries = [Entry(file, set) for file in list_folder(folder, classes)]
    rows = list_recordings(entries, where, progress, set)
    refuse(f"set {set}", rows, where.time_unit)
    _write(rows, table, progress)


def _write(rows: pd.DataFrame, table: Path, progress: Progress) -> None:
    write_table(rows, table, "split")
    progress.say(f"{len(rows)} recordings of {rows['symbol'].nunique()} symbols")
