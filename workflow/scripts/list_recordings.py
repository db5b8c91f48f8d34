"""List the recordings of all simulated sets in one split table."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import join_tables, write_table
from dvs_snn.recordings.folders.split_table import SPLIT_COLUMNS


def main(snakemake, progress):
    table = join_tables(map(Path, snakemake.input.tables), SPLIT_COLUMNS)
    write_table(table, Path(snakemake.output.table), SPLIT_COLUMNS)
    progress.say(f"{len(table)} recordings of {table['symbol'].nunique()} symbols")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
