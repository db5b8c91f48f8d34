"""Gather what all jobs measured into the result tables."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.tables.gathering import gather_tables


def main(snakemake, progress):
    paths, params = snakemake.input, snakemake.params
    gather_tables(
        {key: [Path(p) for p in paths.get(key, [])] for key in params.kinds},
        Path(paths.choice),
        [Path(p) for p in paths.facts],
        Path(paths.published),
        json.loads(params.settings),
        {name: Path(path) for name, path in snakemake.output.items()},
    )
    progress.say("tables written")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
