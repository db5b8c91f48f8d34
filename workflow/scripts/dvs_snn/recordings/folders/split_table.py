"""The split table: one row for each recording, with its part (column `split`)."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.tables import read_table, schema
from dvs_snn.recordings.folders.folder import SourceFile
from dvs_snn.recordings.placement import PlacedEvents, Placement, place
from dvs_snn.recordings.recording import EventRecording, read_recording


def facts_of(recording: EventRecording, placed: PlacedEvents) -> dict[str, int | float]:
    """Return what a split table tells of a recording as it is placed."""
    return {
        "sensor_width": recording.sensor_size[0],
        "sensor_height": recording.sensor_size[1],
        "n_events": recording.n_events,
        "duration_s": round(recording.duration_s, 6),
        "n_pixels": recording.n_pixels,
        "n_outside": placed.n_outside,
    }


def split_row(
    file: SourceFile,
    split: str,
    recording: EventRecording,
    placement: Placement,
    scene: str = "",
    time_unit: str | None = None,
) -> dict[str, object]:
    """Return the row of the split table of a file, which holds the `recording`.

    Args:
        split: its part, or the set.
        time_unit: in which its times were read, if the settings name one.
    """
    cells = {
        "recording": file.name,
        "file": str(file.path),
        "symbol": file.symbol,
        "label": file.label,
        "split": split,
        "scene": scene,
        "sha256": sha256_of(file.path),
        "events_hash": hashlib.sha256(recording.events.tobytes()).hexdigest()[:16],
        "size_told": int(recording.size_told),
        "time_unit": time_unit or "",
        **facts_of(recording, place(recording, placement)),
    }
    return {name: cells[name] for name in schema("split")}


def read_split(path: Path) -> pd.DataFrame:
    """Read a split table."""
    return read_table(path, "split")


def open_recording(row: Any, sensor_size: Sequence[int] | None = None) -> EventRecording:
    """Open the recording of a row of a split table, perhaps on another sensor size.

    StudyError if the file was altered since.
    """
    path = Path(row.file)
    sha256 = sha256_of(path)
    if sha256 != row.sha256:
        raise StudyError(
            f"{path}: its sha256 is {sha256[:12]}…, expected {row.sha256[:12]}… as its split table "
            "lists; the recording was altered or damaged since: put the old one back, or run again "
            "with --forcerun split list_set (simulate_set for a simulated one)."
        )
    size = sensor_size or (row.sensor_width, row.sensor_height)
    return read_recording(path, size, row.time_unit or None)


def find_symbol(split: pd.DataFrame, symbol: str) -> pd.Series:
    """Return the row of a test symbol: ``<class>/<name>``, or ``<class>/test-<k>`` for the k-th."""
    tests = split[split["split"] == "test"].drop_duplicates("symbol")
    # The symbols of a folder of test recordings have `test/` in front.
    rows = tests[tests["symbol"].isin([symbol, f"test/{symbol}"])]
    if match := re.fullmatch(r"([^/]+)/test-([1-9]\d*)", symbol):
        of_class = tests[tests["symbol"].str.split("/").str[-2] == match[1]]
        number = int(match[2])
        rows = of_class[number - 1 : number]
    if rows.empty:
        raise StudyError(
            f"symbol {symbol!r} of the recordings table is no test symbol of the study; expected "
            "one of the part `test` in split.csv, or <class>/test-<k> for the k-th of a class."
        )
    return rows.iloc[0]
