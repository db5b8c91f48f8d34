"""Accumulate the frames of every recording into one packed array."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.recordings.folders.split_table import read_split
from dvs_snn.recordings.store.folder_frames import accumulate_split
from dvs_snn.settings.frames import FrameRule


def main(snakemake, progress):
    params = snakemake.params
    accumulate_split(
        read_split(Path(snakemake.input.split)),
        json.loads(params.where),
        FrameRule(**json.loads(params.frames)),
        Path(snakemake.output.frames),
        Path(snakemake.output.index),
        progress,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
