"""Write the quoted networks of whole numbers as NIR files, with expected spikes."""

from pathlib import Path

from dvs_snn.evaluation.exports import export_networks
from dvs_snn.files.job import logged
from dvs_snn.recordings.placement import placements_of
from dvs_snn.recordings.store.event_store import open_store


def main(snakemake, progress):
    params, paths = snakemake.params, snakemake.input
    placements = placements_of(params.placements)
    stored = open_store(Path(paths.events), Path(paths.table), placements)
    networks = dict(zip(params.names, map(Path, paths.networks), strict=True))
    written = export_networks(
        Path(paths.choice), networks, stored.evenly(params.recordings), params.step_ms,
        Path(snakemake.output.folder), params.classes,
    )  # fmt: skip
    progress.say(f"{written} networks written")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
