"""Describe the simulated recordings and their twins as Croissant metadata."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.publication.croissant import write_croissant


def main(snakemake, progress):
    paths = snakemake.input
    write_croissant(
        Path(paths.split), Path(paths.pairs), [Path(path) for path in paths.sets],
        Path(paths.citation), Path(snakemake.output.metadata),
    )  # fmt: skip
    progress.say(f"{len(paths.sets)} sets described")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
