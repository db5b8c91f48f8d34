"""Run both inference engines on a sample of recordings; stop the study where they disagree."""

import json
from pathlib import Path

from dvs_snn.engines.agreement import check, named
from dvs_snn.engines.verification import compare_networks, spread_evenly
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.store.step_store import open_steps
from dvs_snn.settings.inference import InferenceSettings


def main(snakemake, progress):
    params, paths = snakemake.params, snakemake.input
    settings = InferenceSettings(**json.loads(params.inference))
    recordings = open_steps(Path(paths.steps), Path(paths.table))
    sample = spread_evenly(recordings, len(recordings), params.recordings)
    networks = [Path(path) for path in paths.networks]
    table = compare_networks(networks, params.names, params.scales, sample, settings, progress)
    write_table(named(table, params.classes), Path(snakemake.output.table), "verification")
    found = check(table)
    progress.say(f"{len(table)} runs compared; {found}")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
