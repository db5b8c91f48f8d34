"""Measure one network on recordings of sensors with one part off or doubled."""

from pathlib import Path

from dvs_snn.engines.spiking import open_spiking
from dvs_snn.evaluation.choosing.choice import NOT_CHOSEN, quoted_scale
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_empty_table, write_table
from dvs_snn.networks.conversion import load_converted
from dvs_snn.probes import sensitivity
from dvs_snn.recordings.store.step_store import open_steps
from dvs_snn.settings.inference import InferenceSettings


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    output = Path(snakemake.output.table)
    scale = quoted_scale(Path(paths.choice), wildcards.variant)
    if scale is None:
        return write_empty_table(output, "sensitivity_outcomes", NOT_CHOSEN)
    settings = InferenceSettings(**params.inference)
    spiking = open_spiking(Path(paths.network), scale, settings)
    cnn = load_converted(Path(paths.cnn)).cnn
    outcomes = sensitivity.read_conditions(
        spiking, open_steps(Path(paths.steps), Path(paths.table)),
        sensitivity.stored_readings(cnn, Path(paths.frames), Path(paths.index)),
        settings.step_ms, progress,
    )  # fmt: skip
    write_table(
        outcomes.assign(**dict(wildcards.items()), scale=scale), output, "sensitivity_outcomes"
    )


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
