"""Draw a grid of training frames with their labels."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.report.drawing import draw_frames


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
