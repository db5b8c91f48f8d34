"""Seconds and memory of all heavy jobs, from Snakemake's benchmark files."""

from pathlib import Path

import pandas as pd

from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.recordings.frames import read_index


def gather_runtimes(
    benchmarks: list[Path], index: Path, training: Path, on_frames: list[str], table: Path
) -> None:
    """Write ``runtimes.csv`` from Snakemake's benchmark files ``<rule>/<wildcards>.tsv``.

    Frames/s of variants `on_frames` count every epoch's frames, those of the rules that fill the
    frame store all its frames.
    """
    split = read_index(index, ["split"])["split"]
    epochs = read_table(training, "training").groupby("variant")["epoch"].max()
    trained = epochs[epochs.index.isin(on_frames)] * (split == "train").sum()
    rows = []
    for path in sorted(benchmarks):
        record = pd.read_csv(path, sep="\t").iloc[0]
        rule, seconds = path.parent.name, float(record["s"])
        frames = None
        if rule == "train":
            frames = trained.get(path.stem.split("~")[0])
        elif rule in ("accumulate", "import_frames"):
            frames = len(split)
        max_rss_mb = pd.to_numeric(record["max_rss"], errors="coerce")
        speed = frames / seconds if frames and seconds else None
        rows.append((rule, path.stem.replace("~", " "), seconds, max_rss_mb, speed))
    write_table(pd.DataFrame(rows, columns=schema("runtimes")), table, "runtimes")
