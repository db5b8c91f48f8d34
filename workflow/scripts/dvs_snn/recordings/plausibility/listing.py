"""The jobs that list recordings, those that read them first."""

from collections.abc import Sequence
from pathlib import Path

from dvs_snn.files.job import Progress
from dvs_snn.files.tables import join_tables, write_table
from dvs_snn.recordings.folders.folder import list_folder
from dvs_snn.recordings.folders.split import Entry, list_recordings, split_folder
from dvs_snn.recordings.plausibility.refusal import refuse
from dvs_snn.settings.data import PlacedRecordings, SplitShares


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
    write_table(rows, table, "split")
    progress.say(f"{len(rows)} recordings of {rows['symbol'].nunique()} symbols")


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
    write_table(rows, table, "split")
    progress.say(f"{len(rows)} recordings")


def join_lists(tables: Sequence[Path], table: Path, progress: Progress) -> None:
    """List the recordings of several sets in one table (rule list_recordings)."""
    rows = join_tables(tables, "split")
    write_table(rows, table, "split")
    progress.say(f"{len(rows)} recordings of {rows['symbol'].nunique()} symbols")
