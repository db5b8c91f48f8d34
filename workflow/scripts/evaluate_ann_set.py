"""Let the CNN read the frames of the recordings of sets."""

import json
from pathlib import Path

from dvs_snn.evaluation.cnn import evaluate_ann
from dvs_snn.files.job import logged
from dvs_snn.files.tables import growing_table
from dvs_snn.networks.conversion import load_weights
from dvs_snn.recordings.placement import placements_of
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.frames import FrameRule


def main(snakemake, progress):
    params, paths = snakemake.params, snakemake.input
    rule = FrameRule(**json.loads(params.frames))
    _, cnn, _ = load_weights(Path(paths.weights))
    with growing_table(Path(snakemake.output.table), "readings") as add:
        stored = zip(params.sets, paths.events, paths.table, params.placements, strict=True)
        for name, events, of_set, scenes in stored:
            recordings = open_store(Path(events), Path(of_set), placements_of(scenes))
            table = evaluate_ann(cnn, recordings, rule, params.compute_threads, progress, name)
            add(table.assign(set=name))


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
