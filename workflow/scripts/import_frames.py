"""Copy the tutorial's PNG frames into one packed array, split by contiguous blocks."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.recordings.archives.checksums import verified
from dvs_snn.recordings.store.tutorial_frames import import_tutorial_frames


def main(snakemake, progress):
    import_tutorial_frames(
        verified(Path(snakemake.input.archive), Path(snakemake.input.receipt)),
        json.loads(snakemake.params.shares),
        Path(snakemake.output.frames),
        Path(snakemake.output.index),
        progress,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
