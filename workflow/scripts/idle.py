"""Measure what one network costs and reads before a sensor that sees no digit."""

from pathlib import Path

from dvs_snn.engines.spiking import open_spiking
from dvs_snn.evaluation.choosing.choice import NOT_CHOSEN, quoted_scale
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_empty_table, write_table
from dvs_snn.probes.idle import idle_outcomes
from dvs_snn.recordings.store.step_store import open_steps
from dvs_snn.settings.inference import InferenceSettings


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    output = Path(snakemake.output.table)
    scale = quoted_scale(Path(paths.choice), wildcards.variant)
    if scale is None:
        return write_empty_table(output, "idle_outcomes", NOT_CHOSEN)
    settings = InferenceSettings(**params.inference)
    spiking = open_spiking(Path(paths.network), scale, settings)
    outcomes = idle_outcomes(
        spiking, open_steps(Path(paths.steps), Path(paths.table)),
        open_steps(Path(paths.validation), Path(paths.validation_table)),
        settings.step_ms, params.window_ms,
    )  # fmt: skip
    write_table(outcomes.assign(**dict(wildcards.items()), scale=scale), output, "idle_outcomes")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
