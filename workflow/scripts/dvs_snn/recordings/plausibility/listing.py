"""The jobs that read recordings first: they list them, and refuse what would give wrong numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import join_tables, write_table
from dvs_snn.recordings.facts import facts_of
from dvs_snn.recordings.folders.folder import list_folder
from dvs_snn.recordings.folders.split import Entry, list_recordings, split_folder
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.plausibility.places import outside
from dvs_snn.recordings.plausibility.time_units import unit_by_sensor
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.settings.data import SplitShares


def refuse(name: str, rows: pd.DataFrame, where: Mapping[str, Any]) -> None:
    """End the job of a set that no sensor can have sent, or that the network hardly sees."""
    found = filter(None, [unit_by_sensor(rows, where), outside(rows)])
    refused = [str(finding) for finding in found if finding.verdict == "refused"]
    if refused:
        raise StudyError(f"{name}: {'; '.join(refused)}.")


def refuse_shown(
    name: str, recording: EventRecording, placement: Placement | None, where: Mapping[str, Any]
) -> None:
    """End the job of a recording A, B, C for the same faults, by a StudyError."""
    if placement is None:  # one of the tutorial's own videos
        return
    width, height = recording.sensor_size
    row = {"recording": name, "sensor_width": width, "sensor_height": height}
    row |= asdict(facts_of(recording, place(recording, placement)))
    refuse(f"recording {name}", pd.DataFrame([row]), where)


def split_data(
    folders: Sequence[Path],
    folder: Path | None,
    test_folder: Path | None,
    where: Mapping[str, Any],
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
    refuse("section data", rows, where)
    write_table(rows, table, "split")
    progress.say(f"{len(rows)} recordings of {rows['symbol'].nunique()} symbols")


def list_set(
    folder: Path,
    set: str,
    where: Mapping[str, Any],
    classes: Sequence[str],
    table: Path,
    progress: Progress,
) -> None:
    """List the recordings of an added set (rule list_set)."""
    entries = [Entry(file, set) for file in list_folder(folder, classes)]
    rows = list_recordings(entries, where, progress, set)
    refuse(f"set {set}", rows, where)
    write_table(rows, table, "split")
    progress.say(f"{len(rows)} recordings")


def join_lists(tables: Sequence[Path], table: Path, progress: Progress) -> None:
    """List the recordings of several sets in one table (rule list_recordings)."""
    rows = join_tables(tables, "split")
    write_table(rows, table, "split")
    progress.say(f"{len(rows)} recordings of {rows['symbol'].nunique()} symbols")
