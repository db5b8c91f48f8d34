"""Run sets of recordings through the spiking network at one scale."""

from pathlib import Path

from dvs_snn.engines.spiking import open_spiking
from dvs_snn.evaluation.of_set import evaluate_sets, store_sets
from dvs_snn.files.job import logged
from dvs_snn.recordings.placement import placements_of
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.inference import InferenceSettings


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    settings = InferenceSettings(**params.inference)
    spiking = open_spiking(Path(paths.network), float(wildcards.scale), settings)
    stored = zip(params.sets, paths.events, paths.table, params.placements, strict=True)
    sets = {
        name: open_store(Path(events), Path(table), placements_of(scenes))
        for name, events, table, scenes in stored
    }
    found = evaluate_sets(
        spiking, sets, Path(paths.ann), settings.step_ms, progress, f"at scale {wildcards.scale}",
        params.exits,
    )  # fmt: skip
    names = ("variant", "seed", "scale")
    network = {name: getattr(wildcards, name) for name in names}
    store_sets(found, network, snakemake.output)


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
