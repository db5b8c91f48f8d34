"""Run a set of recordings through the spiking network at one scale."""

import json
from pathlib import Path

from dvs_snn.conversion import load_converted
from dvs_snn.evaluation import evaluate_samples, set_samples, settings_from, store_set
from dvs_snn.job import logged


def main(snakemake, progress):
    params, wildcards = snakemake.params, snakemake.wildcards
    settings = settings_from(json.loads(params.inference), json.loads(params.frames))
    split = Path(snakemake.input.split) if params.own else None
    total, samples = set_samples(
        wildcards.set, split, Path(params.folder), json.loads(params.scenes), settings
    )
    network = load_converted(Path(snakemake.input.network))
    outcomes, layers = evaluate_samples(
        network, float(wildcards.scale), samples, settings, progress, total
    )
    store_set(outcomes, layers, dict(wildcards.items()), snakemake.output)


if __name__ == "__main__":
    with logged(snakemake.log[0]) as progress:
        main(snakemake, progress)
