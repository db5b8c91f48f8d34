"""Seconds and memory of all heavy jobs, from Snakemake's benchmark files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.recordings.store.frame_store import read_index


def runtimes_table(
    benchmarks: Sequence[Path], train_frames: Mapping[str, int], n_frames: int
) -> pd.DataFrame:
    """Return ``runtimes.csv`` from Snakemake's benchmark files ``<rule>/<wildcards>.tsv``.

    Args:
        train_frames: by variant, frames of one training, counted once per epoch; none of variants
            that train on recordings.
        n_frames: frames in the store; the rules that fill it work through so many.
    """
    rows = []
    for path in sorted(benchmarks):
        record = pd.read_csv(path, sep="\t").iloc[0]
        rule, seconds = path.parent.name, float(record["s"])
        frames = None
        if rule == "train":
            frames = train_frames.get(path.stem.split("~")[0])
        elif rule in ("accumulate", "import_frames"):
            frames = n_frames
        max_rss_mb = pd.to_numeric(record["max_rss"], errors="coerce")
        speed = frames / seconds if frames and seconds else None
        rows.append((rule, path.stem.replace("~", " "), seconds, max_rss_mb, speed))
    return pd.DataFrame(rows, columns=schema("runtimes"))


def gather_runtimes(
    benchmarks: list[Path], index: Path, training: Path, on_frames: list[str], table: Path
) -> None:
    """Write ``runtimes.csv``; frames/s of variants `on_frames` count every epoch's frames."""
    split = read_index(index, ["split"])["split"]
    epochs = read_table(training, "training").groupby("variant")["epoch"].max()
    train_frames = epochs[epochs.index.isin(on_frames)] * (split == "train").sum()
    write_table(runtimes_table(benchmarks, train_frames, len(split)), table, "runtimes")
