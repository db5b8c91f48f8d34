"""Run a network as the study does, and with one thing changed at a time."""

import json
from pathlib import Path

from dvs_snn.evaluation.ablation.outcomes import ABLATION_OUTCOMES, WHOLE_LAYERS
from dvs_snn.evaluation.ablation.running import ablate_points, quoted_points, sampled_recordings
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.networks.conversion import load_converted


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    points = quoted_points(Path(paths.choice), wildcards.variant)
    scenes = json.loads(params.scenes)
    tables = zip(params.sets, paths.splits, strict=True)
    sets = {
        name: sampled_recordings(Path(table), name, scenes[name], params.recordings)
        for name, table in tables
        if points
    }
    outcomes, layers = ablate_points(
        points, load_converted(Path(paths.network)), sets, params.step_ms, params.compute_threads,
        progress, variant=wildcards.variant, seed=int(wildcards.seed),
    )  # fmt: skip
    write_table(outcomes, Path(snakemake.output.outcomes), ABLATION_OUTCOMES)
    write_table(layers, Path(snakemake.output.layers), WHOLE_LAYERS)


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
