"""Let the CNN read the frames of the recordings of sets."""

import json
from pathlib import Path

from dvs_snn.datasets.samples import set_recordings
from dvs_snn.evaluation.cnn import evaluate_ann
from dvs_snn.evaluation.readings import ANN_COLUMNS
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.networks.conversion import load_weights
from dvs_snn.settings.frames import FrameRule


def main(snakemake, progress):
    params, paths = snakemake.params, snakemake.input
    scenes, rule = json.loads(params.scenes), FrameRule(**json.loads(params.frames))
    _, cnn, _ = load_weights(Path(paths.weights))
    for name, split, path in zip(params.sets, paths.splits, snakemake.output.tables, strict=True):
        total, recordings = set_recordings(name, Path(split), scenes[name])
        table = evaluate_ann(cnn, recordings, rule, params.compute_threads, progress, total, name)
        write_table(table, Path(path), ANN_COLUMNS)


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
