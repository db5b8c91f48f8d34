"""Simulate the training recordings and store their time steps alone."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.simulation.simulated_steps import store_simulated, with_recordings
from dvs_snn.simulation.symbols import read_symbols


def main(snakemake, progress):
    params, output = snakemake.params, snakemake.output
    table = store_simulated(
        read_symbols(Path(snakemake.input.symbols)),
        with_recordings(json.loads(params.simulation), json.loads(params.recordings)),
        round(params.step_ms * 1000),
        params.seed,
        snakemake.threads,
        Path(output.steps),
        Path(output.table),
        progress,
    )
    progress.say(f"{len(table)} recordings, {table['n_events'].sum()} events in steps")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
