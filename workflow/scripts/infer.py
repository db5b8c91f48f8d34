"""Run one recording, A, B, C or the user's own, at every scale."""

import json
from pathlib import Path

from dvs_snn.evaluation.of_recording import cnn_reading, store_sweep, sweep_recording
from dvs_snn.files.job import logged
from dvs_snn.recordings.plausibility.listing import refuse_shown
from dvs_snn.recordings.store.shown import read_shown, sample_of_shown
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.inference import InferenceSettings


def main(snakemake, progress):
    params, wildcards, paths = snakemake.params, snakemake.wildcards, snakemake.input
    settings = InferenceSettings(**json.loads(params.inference))
    row, data, path = json.loads(params.row), json.loads(params.data), Path(paths.recording)
    files = (path, None) if params.from_file else (None, path)
    shown = read_shown(row, *files, data)
    refuse_shown(shown.name, shown.recording, shown.placement, data)
    sample = sample_of_shown(shown, settings.step_us, FrameRule(**json.loads(params.frames)))
    sweep = sweep_recording(
        cnn_reading(str(paths.cnn), str(paths.ann), sample, settings.compute_threads),
        Path(paths.network), params.scales, sample, settings, progress,
    )  # fmt: skip
    store_sweep(sweep, wildcards.variant, int(wildcards.seed), settings, snakemake.output)


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
