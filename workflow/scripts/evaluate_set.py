"""Run sets of recordings through the spiking network at one scale."""

from pathlib import Path

from dvs_snn.datasets.step_store import open_steps
from dvs_snn.evaluation.of_set import evaluate_set, store_set
from dvs_snn.files.job import logged
from dvs_snn.inference.engines.interface import open_spiking


def main(snakemake, progress):
    params, paths, output = snakemake.params, snakemake.input, snakemake.output
    wildcards = snakemake.wildcards
    spiking = open_spiking(
        Path(paths.network), float(wildcards.scale), params.engine, params.batch_size,
        params.compute_threads, params.device,
    )  # fmt: skip
    files = zip(
        params.sets, paths.steps, paths.table, paths.ann, output.outcomes, output.layers,
        output.exits, strict=True,
    )  # fmt: skip
    for name, steps, table, ann, outcomes_path, layers_path, exits_path in files:
        binned = open_steps(Path(steps), Path(table))
        title = f"{name} at scale {wildcards.scale}"
        outcomes, layers, exits = evaluate_set(
            spiking, binned, Path(ann), params.step_ms, progress, title, params.exits
        )
        key = {"set": name, **dict(wildcards.items())}
        written = {"outcomes": outcomes_path, "layers": layers_path, "exits": exits_path}
        store_set(outcomes, layers, exits, key, written)


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
