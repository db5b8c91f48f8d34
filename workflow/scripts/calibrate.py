"""Compare simulated recordings of the digit zero with real ones, and change each parameter."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.probes.calibration import calibrate, profile
from dvs_snn.simulation.symbols import read_symbols


def main(snakemake, progress):
    paths, params = snakemake.input, snakemake.params
    scene = read_symbols(Path(paths.symbols)), json.loads(params.simulation), Path(paths.real)
    calibration = calibrate(*scene, params.seed, progress)
    found = profile(*scene, calibration, params.profile_zeros, params.seed, progress)
    write_table(calibration, Path(snakemake.output.table), "calibration")
    write_table(found, Path(snakemake.output.profile), "profile")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
