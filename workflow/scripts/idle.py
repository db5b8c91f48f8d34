"""Measure what one network costs and reads before a sensor that sees no digit."""

from pathlib import Path

from dvs_snn.engines.spiking import open_spiking
from dvs_snn.evaluation.choosing.choice import NOT_CHOSEN, Quoted
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_empty_table, write_table
from dvs_snn.probes.idle import idle_outcomes
from dvs_snn.recordings.placement import placements_of
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.inference import InferenceSettings


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    output = Path(snakemake.output.table)
    scale = Quoted.read(Path(paths.choice)).scale_of(wildcards.variant)
    if scale is None:
        return write_empty_table(output, "idle_outcomes", NOT_CHOSEN)
    settings = InferenceSettings(**params.inference)
    spiking = open_spiking(Path(paths.network), scale, settings)
    placements = placements_of(params.placements)
    blank, validation = (
        open_store(Path(paths[events]), Path(paths[table]), placements).in_steps(settings.step_us)
        for events, table in (("events", "table"), ("validation", "validation_table"))
    )
    outcomes = idle_outcomes(spiking, blank, validation, settings.step_ms, params.window_ms)
    write_table(outcomes.assign(**dict(wildcards.items()), scale=scale), output, "idle_outcomes")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
