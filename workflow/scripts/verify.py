"""Run both inference engines on a sample of recordings; stop the study where they disagree."""

import json
from pathlib import Path

from dvs_snn.engines.agreement import check, named
from dvs_snn.engines.verification import compare_networks
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.placement import placements_of
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.inference import InferenceSettings


def main(snakemake, progress):
    params, paths = snakemake.params, snakemake.input
    settings = InferenceSettings(**json.loads(params.inference))
    placements = placements_of(params.placements)
    recordings = open_store(Path(paths.events), Path(paths.table), placements)
    sample = [one.in_steps(settings.step_us) for one in recordings.evenly(params.recordings)]
    networks = [Path(path) for path in paths.networks]
    table = compare_networks(networks, params.names, params.scales, sample, settings, progress)
    write_table(named(table, params.classes), Path(snakemake.output.table), "verification")
    found = check(table)
    progress.say(f"{len(table)} runs compared; {found}")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
