"""Make the recordings of sensors with one part off or doubled."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.probes.sensitivity_recordings import sensitivity_takes, store_conditions
from dvs_snn.simulation.symbols import read_symbols


def main(snakemake, progress):
    params = snakemake.params
    symbols = read_symbols(Path(snakemake.input.symbols))
    simulation = json.loads(params.simulation)
    takes = sensitivity_takes(simulation, symbols, params.scene, params.per_digit)
    store_conditions(
        takes, symbols, simulation, params.seed, snakemake.output, progress,
    )  # fmt: skip


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
