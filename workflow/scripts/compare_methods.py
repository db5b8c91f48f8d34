"""Compare all methods: budgets, the front, and the factors by which they beat rescaling."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.tables.methods.comparing import compare_methods


def main(snakemake, progress):
    paths = snakemake.input
    outcomes, exits = (
        [Path(path) for path in paths.get(name, [])] for name in ("outcomes", "exits")
    )
    compare_methods(
        outcomes, exits,
        {name: Path(paths[name]) for name in ("evaluation", "choice", "published")},
        json.loads(snakemake.params.settings),
        {name: Path(path) for name, path in snakemake.output.items()},
    )  # fmt: skip
    progress.say("tables written")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
