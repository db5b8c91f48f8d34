"""Draw a grid of training frames with their labels."""

from pathlib import Path

from dvs_snn.drawing import draw_frames
from dvs_snn.job import logged


def main(snakemake, progress):
    paths = snakemake.input
    draw_frames(
        Path(paths.frames),
        Path(paths.index),
        snakemake.params.note,
        Path(snakemake.output.grid),
    )
    progress.say("drawn")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
