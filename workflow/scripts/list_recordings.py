"""List the recordings of all simulated sets in one split table."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import join_tables, write_table


def main(snakemake, progress):
    table = join_tables(map(Path, snakemake.input.tables), "split")
    write_table(table, Path(snakemake.output.table), "split")
    progress.say(f"{len(table)} recordings of {table['symbol'].nunique()} symbols")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
