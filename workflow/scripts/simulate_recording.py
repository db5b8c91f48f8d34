"""Make a recording A, B, C: a test symbol on paper, held by hand."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.simulation.sets import write_shown
from dvs_snn.simulation.symbols import read_symbols


def main(snakemake, progress):
    params = snakemake.params
    recording = write_shown(
        params.symbol,
        params.take,
        read_symbols(Path(snakemake.input.symbols)),
        json.loads(params.simulation),
        params.seed,
        Path(snakemake.output.recording),
    )
    progress.say(f"{recording.n_events} events in {recording.duration_s:.2f} s")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
