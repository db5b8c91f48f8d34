"""Write the quoted networks of whole numbers as NIR files, with expected spikes."""

import json
from pathlib import Path

from dvs_snn.evaluation.exports import export_networks
from dvs_snn.files.job import logged
from dvs_snn.probes.ablation import sampled_recordings


def main(snakemake, progress):
    params, paths = snakemake.params, snakemake.input
    shown = sampled_recordings(
        Path(paths.split), params.set, json.loads(params.scenes), params.recordings
    )
    networks = dict(zip(params.names, map(Path, paths.networks), strict=True))
    written = export_networks(
        Path(paths.choice), networks, shown, params.step_ms, Path(snakemake.output.folder),
        params.classes,
    )  # fmt: skip
    progress.say(f"{written} networks written")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
