"""Make the recordings of sensors that see no digit."""

import json

from dvs_snn.files.job import logged
from dvs_snn.probes.idle_recordings import store_blank_recordings


def main(snakemake, progress):
    params = snakemake.params
    store_blank_recordings(
        json.loads(params.simulation), params.scenes, params.seed, snakemake.output, progress,
    )  # fmt: skip


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
