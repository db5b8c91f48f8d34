"""Simulate the training recordings and accumulate their frames; store the frames alone."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.split_table import read_split
from dvs_snn.settings.frames import FrameRule
from dvs_snn.simulation.simulated_frames import accumulate_simulated
from dvs_snn.simulation.symbols import read_symbols


def main(snakemake, progress):
    params, output = snakemake.params, snakemake.output
    facts = accumulate_simulated(
        read_symbols(Path(snakemake.input.symbols)),
        read_split(Path(snakemake.input.validation)),
        json.loads(params.simulation),
        FrameRule(**json.loads(params.frames)),
        params.seed,
        snakemake.threads,
        Path(output.frames),
        Path(output.index),
        progress,
    )
    write_table(facts, Path(output.facts), "facts")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
