"""Train a network further on simulated and on real recordings; store its weights."""

import json
from pathlib import Path

from dvs_snn.datasets.samples import set_recordings
from dvs_snn.files.job import logged
from dvs_snn.networks.conversion import save_weights
from dvs_snn.realism.learning.further import train_further
from dvs_snn.realism.learning.lessons import Lesson
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.training import Variant
from dvs_snn.training.material import StoredMaterial
from dvs_snn.training.of_store import load_networks, open_material


def main(snakemake, progress):
    params, paths = snakemake.params, snakemake.input
    _, recordings = set_recordings(params.set, Path(paths.real), json.loads(params.scenes))
    stored = StoredMaterial.of(paths)
    settings = Variant(**json.loads(params.variant))
    trained = train_further(
        params.model, open_material(stored, settings), recordings,
        Lesson.named(snakemake.wildcards.lesson), FrameRule(**json.loads(params.frames)),
        params.frame_events, params.step_ms and round(params.step_ms * 1000), settings,
        NeuronParameters(**json.loads(params.neurons)), *load_networks(stored), params.seed,
        int(snakemake.wildcards.seed), progress,
    )  # fmt: skip
    save_weights(Path(snakemake.output.weights), params.model, trained.model)


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
