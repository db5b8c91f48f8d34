"""Lists the recordings of folders in a split table: each is read once, all on one sensor size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.recordings.folders.folder import SourceFile
from dvs_snn.recordings.folders.split_table import split_row
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.recording import read_recording


@dataclass(frozen=True)
class Entry:
    """A file to list; `prefix` goes before the names of its recording and symbol."""

    file: SourceFile
    split: str
    prefix: str = ""


def read_entries(
    entries: Sequence[Entry], where: Mapping[str, Any], progress: Progress, title: str
) -> tuple[list[dict[str, Any]], list[StudyError]]:
    """Read every file and return the rows of the split table, and the faults of the other files.

    All recordings get one sensor size, that of the settings `where` or the largest of the files:
    otherwise the centre that is laid on the network's would move from file to file.
    """
    size, unit, placement = where["sensor_size"], where.get("time_unit"), placement_of(where)

    def row_of(entry: Entry, sensor_size: Sequence[int] | None) -> dict[str, Any]:
        file, prefix = entry.file, entry.prefix
        recording = read_recording(file.path, sensor_size, unit)
        named = prefix + file.name, file.path, prefix + file.symbol, file.label, entry.split
        return split_row(*named, recording, placement, time_unit=unit)

    rows: list[dict[str, Any]] = []
    listed, faults = [], []
    with progress.bar(len(entries), "recording", title) as bar:
        for entry in entries:
            try:
                rows.append(row_of(entry, size))
                listed.append(entry)
            except StudyError as fault:
                faults.append(fault)
            bar.advance(1)
    sizes = [(row["sensor_width"], row["sensor_height"]) for row in rows]
    if len(set(sizes)) > 1:
        size = [max(sides) for sides in zip(*sizes, strict=True)]
        for number, own in enumerate(sizes):
            if list(own) != size:
                rows[number] = row_of(listed[number], size) | {"size_told": 0}
    return rows, faults


def list_recordings(
    entries: Sequence[Entry], where: Mapping[str, Any], progress: Progress, title: str
) -> pd.DataFrame:
    """Return the split table of files; StudyError tells the first fault, and how many there are."""
    rows, faults = read_entries(entries, where, progress, title)
    if len(faults) > 1:
        raise StudyError(
            f"{faults[0]}; {len(faults) - 1} more of {len(entries)} recordings have faults: "
            "python workflow/check.py lists all"
        )
    if faults:
        raise faults[0]
    return pd.DataFrame(rows)
