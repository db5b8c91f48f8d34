"""The split table: one row for each recording, with its part (column `split`)."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.events.recording import EventRecording, read_recording
from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.tables import Column, read_table

SPLIT_COLUMNS = {
    "recording": Column("text", "", "name of the recording"),
    "file": Column("text", "", "its file"),
    "symbol": Column("text", "", "the drawn digit that it shows, `<digit>/<name>`"),
    "label": Column("whole", "digit", "the digit"),
    "split": Column("text", "", "`train`, or the set that it belongs to"),
    "scene": Column("text", "", "scene that it was simulated in, else empty"),
    "n_events": Column("whole", "events", "events of the file"),
    "duration_s": Column("number", "s", "time from the first event to the last"),
    "on_share": Column("number", "share", "ON events, empty where polarity is unknown"),
    "n_resorted": Column("whole", "events", "events whose times ran backwards, put in order"),
    "sha256": Column("text", "", "SHA-256 of the file"),
}


def split_row(
    name: str,
    file: Path,
    symbol: str,
    label: int,
    split: str,
    recording: EventRecording,
    scene: str = "",
) -> dict[str, object]:
    """Return a recording's row of the split table; `scene` is empty unless it was simulated."""
    return {
        "recording": name,
        "file": str(file),
        "symbol": symbol,
        "label": label,
        "split": split,
        "scene": scene,
        "n_events": recording.n_events,
        "duration_s": round(recording.duration_s, 6),
        "on_share": round(recording.on_share, 6),
        "n_resorted": recording.n_resorted,
        "sha256": sha256_of(file),
    }


def read_split(path: Path) -> pd.DataFrame:
    """Read a split table."""
    return read_table(path, SPLIT_COLUMNS)


def open_recording(
    file: str, sha256: str, sensor_size: Sequence[int] | None, time_unit: str | None = None
) -> EventRecording:
    """Open a recording that a split lists.

    Raises:
        StudyError: the file is no longer the one that was listed.
    """
    found = sha256_of(Path(file))
    if found != sha256:
        raise StudyError(
            f"{file}: its sha256 is {found[:12]}…, expected {sha256[:12]}… as split.csv lists; the "
            "recording was altered or damaged since: put the old one back, or run again with "
            "--forcerun split (simulate_set for a simulated one)."
        )
    return read_recording(Path(file), sensor_size, time_unit)
