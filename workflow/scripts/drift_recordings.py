"""Make long recordings of the scene mnist-dvs in all sizes."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.realism.drift.recordings import drift_takes, store_drift_recordings
from dvs_snn.simulation.symbols import read_symbols


def main(snakemake, progress):
    params = snakemake.params
    symbols = read_symbols(Path(snakemake.input.symbols))
    store_drift_recordings(
        drift_takes(symbols, params.per_digit), symbols, json.loads(params.simulation),
        params.duration_s, round(params.step_ms * 1000), params.seed, snakemake.output, progress,
    )  # fmt: skip


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
