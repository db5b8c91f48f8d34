"""Gather the sensitivity of all networks in one table."""

from pathlib import Path

from dvs_snn.job import logged
from dvs_snn.tablefile import join_tables, write_table


def main(snakemake, progress):
    table = join_tables([Path(path) for path in snakemake.input.tables])
    write_table(table, Path(snakemake.output.table))
    progress.say(f"{len(table)} rows")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
