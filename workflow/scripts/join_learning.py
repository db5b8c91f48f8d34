"""Gather what networks read that real recordings helped to train in one table."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import join_tables, write_table
from dvs_snn.realism.learning.columns import LEARNING_OUTCOMES
from dvs_snn.results.running.learning import LEARNING_TABLE, learning_table


def main(snakemake, progress):
    table = learning_table(join_tables(map(Path, snakemake.input.tables), LEARNING_OUTCOMES))
    write_table(table, Path(snakemake.output.table), LEARNING_TABLE)
    progress.say(f"{len(table)} rows")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
