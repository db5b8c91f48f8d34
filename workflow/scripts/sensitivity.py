"""Measure one network on sensors of which one part is off or doubled."""

from pathlib import Path

from dvs_snn import sensitivity
from dvs_snn.conversion import load_converted
from dvs_snn.job import logged
from dvs_snn.set_evaluation import open_spiking
from dvs_snn.stepstore import open_steps


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    whose = (wildcards.variant, int(wildcards.seed))
    scale = sensitivity.quoted_scale(Path(paths.evaluation), *whose)
    spiking = open_spiking(
        Path(paths.network), scale, params.engine, params.batch_size, params.compute_threads,
        params.device,
    )  # fmt: skip
    table = sensitivity.measure_sensitivity(
        spiking,
        open_steps(Path(paths.steps), Path(paths.table)),
        sensitivity.stored_readings(
            load_converted(Path(paths.cnn)).cnn, Path(paths.frames), Path(paths.index)
        ),
        params.step_ms,
        progress,
    )
    sensitivity.write_sensitivity(table, *whose, scale, Path(snakemake.output.table))


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
