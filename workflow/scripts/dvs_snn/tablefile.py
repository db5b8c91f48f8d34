"""Result tables as CSV files."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from dvs_snn.atomic import replacing

_WHOLE = (
    "label", "predicted", "correct", "silent", "tied", "n_events", "n_events_outside", "n_steps",
    "output_spikes", "synops", "synops_input", "synops_nominal", "ann_predicted", "ann_frames",
    "ann_macs", "chosen", "n_recordings", "n_symbols", "n_frames", "seed", "spikes_in",
    "spikes_out", "fanout_nominal", "n",
)  # fmt: skip


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, whole or not at all; whole numbers stay whole beside empty cells."""
    frame = frame.copy()
    for column in frame.columns:
        if column in _WHOLE:
            frame[column] = frame[column].astype("Int64")
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV table of the study; an empty text cell is an empty string."""
    text = {
        name: "str" for name in ("set", "recording", "variant", "symbol", "layer", "sha256", "why",
                                 "rule", "wildcards", "kind", "output_shape", "quantity", "unit",
                                 "published_source", "certainty", "verdict", "split", "file")
    }  # fmt: skip
    frame = pd.read_csv(path, dtype=text)
    for column in text:
        if column in frame.columns:
            frame[column] = frame[column].fillna("")
    return frame


def join_tables(paths: Iterable[Path]) -> pd.DataFrame:
    """Return the rows of several tables as one."""
    return pd.concat([read_table(path) for path in paths], ignore_index=True)
