"""Measure one network on sensors of which one part is off or doubled."""

import json
from pathlib import Path

from dvs_snn.conversion import load_converted
from dvs_snn.job import logged
from dvs_snn.samples import settings_from
from dvs_snn.sensitivity import measure_sensitivity, quoted_scale, write_sensitivity
from dvs_snn.sources import placement_of
from dvs_snn.symbols import read_symbols


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    network = (wildcards.variant, int(wildcards.seed))
    settings = settings_from(json.loads(params.inference), json.loads(params.frames))
    scale = quoted_scale(Path(paths.evaluation), *network)
    table = measure_sensitivity(
        load_converted(Path(paths.network)), scale, read_symbols(Path(paths.symbols)),
        json.loads(params.simulation), params.scene, params.per_digit,
        placement_of(json.loads(params.placement)), settings, params.seed, snakemake.threads,
        progress,
    )  # fmt: skip
    write_sensitivity(table, *network, scale, Path(snakemake.output.table))


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
