"""Gather what all networks read of long recordings in one table."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import join_tables, write_table
from dvs_snn.realism.drift.outcomes import DRIFT_OUTCOMES
from dvs_snn.results.running.drift import DRIFT_TABLE, drift_table


def main(snakemake, progress):
    table = drift_table(join_tables(map(Path, snakemake.input.tables), DRIFT_OUTCOMES))
    write_table(table, Path(snakemake.output.table), DRIFT_TABLE)
    progress.say(f"{len(table)} rows")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
