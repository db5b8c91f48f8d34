"""Tell simulated recordings from real ones of the same symbols, by statistics of events."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.probes.telling_apart.comparison import realism_table
from dvs_snn.simulation.symbols import read_symbols


def main(snakemake, progress):
    paths, params = snakemake.input, snakemake.params
    table = realism_table(
        Path(paths.ours),
        Path(paths.shipped),
        read_symbols(Path(paths.symbols)),
        json.loads(params.simulation),
        params.seed,
        progress,
    )
    write_table(table, Path(snakemake.output.table), "realism")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
