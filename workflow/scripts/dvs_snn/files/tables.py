"""Result tables as CSV files."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of

_WHOLE = (
    "label", "predicted", "correct", "silent", "tied", "n_events", "n_events_outside", "n_steps",
    "output_spikes", "synops", "synops_input", "synops_nominal", "ann_predicted", "ann_frames",
    "ann_macs", "chosen", "chosen_any", "n_recordings", "n_symbols", "n_frames", "seed",
    "spikes_in", "spikes_out", "fanout_nominal", "n", "n_seeds", "n_draws",
)  # fmt: skip


def read_csv(path: Path, columns: Iterable[str] = (), **options: Any) -> pd.DataFrame:
    """Read a CSV table that the study wrote, with the options of `pandas.read_csv`.

    Args:
        columns: names of the columns that it must have.

    Raises:
        StudyError: it isn't there, isn't whole, or lacks a column.
    """
    try:
        frame = pd.read_csv(path, **options)
    except Exception as error:  # pandas raises nearly anything on damaged bytes
        raise StudyError(
            f"{path}: is not a whole table ({reason_of(error)}); delete it and run again."
        ) from error
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise StudyError(
            f"{path}: has no column {missing[0]}, expected one; delete it and run again."
        )
    return frame


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, whole or not at all; whole numbers stay whole beside empty cells."""
    frame = frame.copy()
    for column in frame.columns:
        if column in _WHOLE:
            frame[column] = frame[column].astype("Int64")
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV table of the study; an empty text cell is an empty string.

    Raises:
        StudyError: it isn't whole.
    """
    text = {
        name: "str" for name in ("set", "recording", "variant", "symbol", "layer", "sha256", "why",
                                 "rule", "wildcards", "kind", "output_shape", "quantity", "unit",
                                 "published_source", "certainty", "verdict", "split", "file",
                                 "method", "edge", "axis", "note")
    }  # fmt: skip
    # A variant or a recording may be called NA: only an empty cell is empty.
    empty = {name: [""] for name in read_csv(path, nrows=0).columns if name not in text}
    return read_csv(path, dtype=text, keep_default_na=False, na_values=empty)


def join_tables(paths: Iterable[Path]) -> pd.DataFrame:
    """Return the rows of several tables as one."""
    return pd.concat([read_table(path) for path in paths], ignore_index=True)
