"""Seconds and memory of the heavy jobs: ``runtimes.csv``."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.recordings.frames import read_index


@dataclass(frozen=True)
class RuntimesJob:
    """What the rule `runtimes` gives.

    Attributes:
        benchmarks: folder of Snakemake's files ``<rule>/<wildcards>.tsv``.
        index: of the frame store.
        on_frames: the variants that train on frames.
    """

    benchmarks: Path
    index: Path
    training: Path
    on_frames: list[str]
    table: Path


def gather_runtimes(job: RuntimesJob) -> None:
    """Write ``runtimes.csv``, a row for each file of the folder.

    Snakemake writes a job's file anew with each run, and removes none. So the file of a job that
    the study no longer has stays, and the column `finished` tells when it ran.

    Frames/s of variants `on_frames` count every epoch's frames, those of the rules that fill the
    frame store all its frames.
    """
    split = read_index(job.index, ["split"])["split"]
    epochs = read_table(job.training, "training").groupby("variant")["epoch"].max()
    trained = epochs[epochs.index.isin(job.on_frames)] * (split == "train").sum()
    rows = []
    for path in sorted(job.benchmarks.glob("*/*.tsv")):
        record = pd.read_csv(path, sep="\t").iloc[0]
        rule = path.parent.name
        seconds = float(record["s"])
        frames = None
        if rule == "train":
            frames = trained.get(path.stem.split("~")[0])
        elif rule in ("accumulate", "import_frames"):
            frames = len(split)
        finished = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        row = {
            "rule": rule,
            "wildcards": path.stem.replace("~", " "),
            "seconds": seconds,
            "max_rss_mb": pd.to_numeric(record["max_rss"], errors="coerce"),
            "frames_per_s": frames / seconds if frames and seconds else None,
            "finished": finished.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        rows.append(row)
    write_table(pd.DataFrame(rows, columns=list(schema("runtimes"))), job.table, "runtimes")
