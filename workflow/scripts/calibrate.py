"""Measure simulated zeros as the real ones were measured, and compare."""

import json
from pathlib import Path

from dvs_snn.job import logged
from dvs_snn.simulated_calibration import calibrate
from dvs_snn.symbols import read_symbols
from dvs_snn.tablefile import write_table


def main(snakemake, progress):
    paths, params = snakemake.input, snakemake.params
    table = calibrate(
        read_symbols(Path(paths.symbols)),
        json.loads(params.simulation),
        Path(paths.real),
        params.seed,
        progress,
    )
    write_table(table, Path(snakemake.output.table))


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
