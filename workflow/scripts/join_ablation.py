"""Compare every change of how networks run with the networks as the study runs them."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import join_tables, write_table
from dvs_snn.probes.ablation_table import ablation_table


def main(snakemake, progress):
    outcomes = join_tables(map(Path, snakemake.input.tables), "ablation_outcomes")
    table = ablation_table(outcomes)
    write_table(table, Path(snakemake.output.table), "ablation")
    progress.say(f"{len(table)} rows, {table['moved'].sum()} beyond a limit")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
