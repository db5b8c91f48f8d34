"""Read every recording of a set once and store its time steps."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.recordings.store.samples import binned, set_recordings
from dvs_snn.recordings.store.step_store import store_steps


def main(snakemake, progress):
    params = snakemake.params
    scenes = json.loads(params.scenes)
    _, recordings = set_recordings(params.part, Path(snakemake.input.split), scenes)
    table = store_steps(
        (binned(recording, round(params.step_ms * 1000)) for recording in recordings),
        Path(snakemake.output.steps),
        Path(snakemake.output.table),
    )
    progress.say(f"{len(table)} recordings, {table['n_events'].sum()} events in steps")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
