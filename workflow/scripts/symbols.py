"""Read the drawn digits and assign them to training, validation and test."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.simulation.symbols import load_symbols, write_symbols


def main(snakemake, progress):
    symbols = load_symbols(json.loads(snakemake.params.symbols), snakemake.params.seed)
    write_symbols(symbols, Path(snakemake.output.symbols))
    progress.say(f"{len(symbols.names)} symbols")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
