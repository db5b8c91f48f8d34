"""Make a set of simulated recordings and list it."""

import json
from pathlib import Path

from dvs_snn.job import logged
from dvs_snn.simulated_set import write_set
from dvs_snn.symbols import read_symbols
from dvs_snn.tablefile import write_table


def main(snakemake, progress):
    params, output = snakemake.params, snakemake.output
    table = write_set(
        snakemake.wildcards.set,
        params.scenes,
        params.part,
        params.varied,
        read_symbols(Path(snakemake.input.symbols)),
        json.loads(params.simulation),
        params.seed,
        Path(output.folder),
        progress,
    )
    write_table(table, Path(output.table))


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
