"""Measure what one network costs and reads before a sensor that sees no digit."""

from pathlib import Path

from dvs_snn.engines.interface import open_spiking
from dvs_snn.evaluation.choosing.choice import NOT_CHOSEN, quoted_scale
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_empty_table, write_table
from dvs_snn.probes.idle import idle_outcomes
from dvs_snn.probes.idle_outcomes import IDLE_OUTCOMES
from dvs_snn.recordings.placement import placements_of
from dvs_snn.recordings.store.event_store import open_store


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    output = Path(snakemake.output.table)
    scale = quoted_scale(Path(paths.choice), wildcards.variant)
    if scale is None:
        return write_empty_table(output, IDLE_OUTCOMES, NOT_CHOSEN)
    spiking = open_spiking(
        Path(paths.network), scale, params.engine, params.batch_size, params.compute_threads,
        params.device,
    )  # fmt: skip
    placements, step_us = placements_of(params.placements), round(params.step_ms * 1000)
    blank, validation = (
        open_store(Path(paths[events]), Path(paths[table]), placements).in_steps(step_us)
        for events, table in (("events", "table"), ("validation", "validation_table"))
    )
    outcomes = idle_outcomes(spiking, blank, validation, params.step_ms, params.window_ms)
    write_table(outcomes.assign(**dict(wildcards.items()), scale=scale), output, IDLE_OUTCOMES)


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
