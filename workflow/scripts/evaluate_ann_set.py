"""Let the CNN read the frames of the recordings of sets."""

import json
from pathlib import Path

from dvs_snn.evaluation.cnn import evaluate_ann
from dvs_snn.files.job import logged
from dvs_snn.files.tables import growing_table
from dvs_snn.networks.conversion import load_weights
from dvs_snn.recordings.store.samples import set_recordings
from dvs_snn.settings.frames import FrameRule


def main(snakemake, progress):
    params, paths = snakemake.params, snakemake.input
    scenes, rule = json.loads(params.scenes), FrameRule(**json.loads(params.frames))
    _, cnn, _ = load_weights(Path(paths.weights))
    with growing_table(Path(snakemake.output.table), "readings") as add:
        for name, split in zip(params.sets, paths.splits, strict=True):
            total, recordings = set_recordings(name, Path(split), scenes[name])
            threads = params.compute_threads
            table = evaluate_ann(cnn, recordings, rule, threads, progress, total, name)
            add(table.assign(set=name))


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
