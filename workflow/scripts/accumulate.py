"""Accumulate the frames of every recording into one packed array."""

import json
from pathlib import Path

from dvs_snn.datasets.folder_frames import accumulate_split
from dvs_snn.files.job import logged
from dvs_snn.settings.frames import FrameRule
from dvs_snn.sources.split_table import read_split


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
