"""Run a set of recordings through the spiking network at one scale."""

from pathlib import Path

from dvs_snn.job import logged
from dvs_snn.set_evaluation import evaluate_set, open_spiking, store_set
from dvs_snn.stepstore import open_steps


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    spiking = open_spiking(
        Path(paths.network), float(wildcards.scale), params.engine, params.batch_size,
        params.compute_threads,
    )  # fmt: skip
    binned = open_steps(Path(paths.steps), Path(paths.table))
    outcomes, layers = evaluate_set(
        spiking, binned, Path(paths.ann), params.step_ms, progress, f"scale {wildcards.scale}"
    )
    store_set(outcomes, layers, dict(wildcards.items()), snakemake.output)


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
