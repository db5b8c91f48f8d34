"""Let the CNN read the frames of a set's recordings."""

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
    name, scenes = snakemake.wildcards.set, json.loads(params.scenes)
    total, recordings = set_recordings(name, Path(paths.split), scenes)
    _, cnn, _ = load_weights(Path(paths.weights))
    rule = FrameRule(**json.loads(params.frames))
    table = evaluate_ann(cnn, recordings, rule, params.compute_threads, progress, total)
    write_table(table, Path(snakemake.output.table), ANN_COLUMNS)


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
