"""The split table: one row for each recording, with its part (column `split`)."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.tables import Column, read_table, subset
from dvs_snn.recordings.facts import FACT_COLUMNS, facts_of
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.recording import EventRecording, read_recording

SPLIT_COLUMNS = {
    "recording": Column("text", "", "name of the recording"),
    "file": Column("text", "", "its file"),
    "symbol": Column("text", "", "the drawn digit that it shows, `<class>/<name>`"),
    "label": Column("whole", "", "the digit; of other classes the place in `data.classes`, from 0"),
    "split": Column("text", "", "`train`, or the set that it belongs to"),
    "scene": Column("text", "", "scene that it was simulated in, else empty"),
    **subset(FACT_COLUMNS, "n_events duration_s"),
    "on_share": Column("number", "share", "ON events, empty where polarity is unknown"),
    "n_resorted": Column("whole", "events", "events whose times ran backwards, put in order"),
    "sha256": Column("text", "", "SHA-256 of the file"),
    "sensor_width": Column("whole", "pixels", "width of the sensor, one for all of a set"),
    "sensor_height": Column("whole", "pixels", "its height"),
    "size_told": Column(
        "whole", "0 or 1", "whether the settings, the format or the file tell that size"
    ),
    "time_unit": Column("text", "", "unit of its times where the settings tell it, else empty"),
    **subset(FACT_COLUMNS, "n_pixels used_width used_height n_outside box_px"),
}


def split_row(
    name: str,
    file: Path,
    symbol: str,
    label: int,
    split: str,
    recording: EventRecording,
    placement: Placement,
    scene: str = "",
    time_unit: str | None = None,
) -> dict[str, object]:
    """Return a recording's row of the split table, whose columns the arguments are."""
    width, height = recording.sensor_size
    cells = {
        "recording": name,
        "file": str(file),
        "symbol": symbol,
        "label": label,
        "split": split,
        "scene": scene,
        "on_share": round(recording.on_share, 6),
        "n_resorted": recording.n_resorted,
        "sha256": sha256_of(file),
        "sensor_width": width,
        "sensor_height": height,
        "size_told": int(recording.size_told),
        "time_unit": time_unit or "",
        **asdict(facts_of(recording, place(recording, placement))),
    }
    return {name: cells[name] for name in SPLIT_COLUMNS}


def read_split(path: Path) -> pd.DataFrame:
    """Read a split table."""
    return read_table(path, SPLIT_COLUMNS)


def open_recording(row: Any, sensor_size: Sequence[int] | None = None) -> EventRecording:
    """Open a recording by its row of a split table; one altered since raises StudyError.

    `sensor_size` stands in place of the size that the row tells.
    """
    path = Path(row.file)
    if (found := sha256_of(path)) != row.sha256:
        raise StudyError(
            f"{path}: its sha256 is {found[:12]}…, expected {row.sha256[:12]}… as its split table "
            "lists; the recording was altered or damaged since: put the old one back, or run again "
            "with --forcerun split list_set (simulate_set for a simulated one)."
        )
    size = sensor_size or (row.sensor_width, row.sensor_height)
    return read_recording(path, size, row.time_unit or None)
