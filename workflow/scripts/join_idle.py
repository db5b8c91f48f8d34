"""Gather what all networks cost and read before a sensor that sees no digit."""

import json
from pathlib import Path

from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.files.job import logged
from dvs_snn.files.tables import join_tables, write_table
from dvs_snn.probes.idle_table import idle_table


def main(snakemake, progress):
    outcomes = join_tables(map(Path, snakemake.input.tables), "idle_outcomes")
    energy = EnergyModel(**json.loads(snakemake.params.energy))
    write_table(idle_table(outcomes, energy), Path(snakemake.output.table), "idle")
    progress.say(f"{len(outcomes)} rows")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
