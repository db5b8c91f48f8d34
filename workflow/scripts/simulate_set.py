"""Make a set of simulated recordings and list it."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.simulation.sets import write_set
from dvs_snn.simulation.symbols import read_symbols


def main(snakemake, progress):
    params, output = snakemake.params, snakemake.output
    table = write_set(
        snakemake.wildcards.set,
        params.scenes,
        params.part,
        read_symbols(Path(snakemake.input.symbols)),
        json.loads(params.simulation),
        params.seed,
        Path(output.folder),
        progress,
    )
    write_table(table, Path(output.table), "split")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
