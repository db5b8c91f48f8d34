"""Simulate and store the recordings that trainings through time read."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.simulation.simulated_recordings import store_simulated, with_recordings
from dvs_snn.simulation.symbols import read_symbols


def main(snakemake, progress):
    params, output = snakemake.params, snakemake.output
    table = store_simulated(
        read_symbols(Path(snakemake.input.symbols)),
        with_recordings(json.loads(params.simulation), json.loads(params.recordings)),
        params.seed,
        snakemake.threads,
        Path(output.events),
        Path(output.table),
        progress,
    )
    progress.say(f"{len(table)} recordings, {table['n_events'].sum()} events")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
