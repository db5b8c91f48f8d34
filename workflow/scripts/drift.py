"""Let one network read long recordings at several times, with one thing changed at a time."""

from pathlib import Path

from dvs_snn.datasets.step_store import open_steps
from dvs_snn.evaluation.choosing.choice import NOT_CHOSEN, quoted_scale
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_empty_table, write_table
from dvs_snn.realism.drift.outcomes import DRIFT_OUTCOMES


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    output = Path(snakemake.output.table)
    scale = quoted_scale(Path(paths.choice), wildcards.variant)
    if scale is None:
        return write_empty_table(output, DRIFT_OUTCOMES, NOT_CHOSEN)
    # torch takes seconds to load, and most networks of a large study aren't quoted.
    from dvs_snn.networks.conversion import load_converted
    from dvs_snn.realism.drift.reading import read_long

    outcomes = read_long(
        load_converted(Path(paths.network)), scale,
        open_steps(Path(paths.steps), Path(paths.table)), params.step_ms, params.compute_threads,
        progress, method=params.method, **dict(wildcards.items()),
    )  # fmt: skip
    return write_table(outcomes, output, DRIFT_OUTCOMES)


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
