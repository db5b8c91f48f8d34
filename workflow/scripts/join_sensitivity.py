"""Compare every changed sensor with the nominal one, for all networks, in one table."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.probes.sensitivity_table import join_networks


def main(snakemake, progress):
    outcomes = [read_table(Path(path), "sensitivity_outcomes") for path in snakemake.input.tables]
    table = join_networks(outcomes, snakemake.params.step_ms)
    write_table(table, Path(snakemake.output.table), "sensitivity")
    progress.say(f"{len(table)} rows")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
