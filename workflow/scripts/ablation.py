"""Run a network as the study does, and with one thing changed at a time."""

import json
from pathlib import Path

from dvs_snn.evaluation.choosing.choice import NOT_CHOSEN, quoted_points
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_empty_table, write_table


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    output = Path(snakemake.output.outcomes)
    if not (points := quoted_points(Path(paths.choice), wildcards.variant)):
        return write_empty_table(output, "ablation_outcomes", NOT_CHOSEN)
    # torch takes seconds to load, and most networks of a large study aren't quoted.
    from dvs_snn.networks.conversion import load_converted
    from dvs_snn.probes.ablation import ablate_points, sampled_recordings

    scenes = json.loads(params.scenes)
    sets = {
        name: sampled_recordings(Path(table), name, scenes[name], params.recordings)
        for name, table in zip(params.sets, paths.splits, strict=True)
    }
    outcomes = ablate_points(
        points, load_converted(Path(paths.network)), sets, params.step_ms, params.compute_threads,
        progress, variant=wildcards.variant, seed=int(wildcards.seed),
    )  # fmt: skip
    return write_table(outcomes, output, "ablation_outcomes")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
