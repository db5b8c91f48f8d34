"""Make the recordings of sensors of which one part is off or doubled."""

import json
from pathlib import Path

from dvs_snn.job import logged
from dvs_snn.samples import settings_from
from dvs_snn.sensitivity_recordings import sensitivity_takes, store_conditions
from dvs_snn.sources import placement_of
from dvs_snn.symbols import read_symbols


def main(snakemake, progress):
    params = snakemake.params
    symbols = read_symbols(Path(snakemake.input.symbols))
    simulation = json.loads(params.simulation)
    takes = sensitivity_takes(simulation, symbols, params.scene, params.per_digit)
    settings = settings_from(json.loads(params.inference), json.loads(params.frames))
    placement = placement_of(json.loads(params.placement))
    store_conditions(
        takes, symbols, simulation, placement, settings, params.seed, snakemake.output, progress
    )


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
