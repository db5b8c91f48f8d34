"""List the sha256 of every table and figure."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.tables.manifest import write_manifest


def main(snakemake, progress):
    paths = snakemake.input
    write_manifest(
        [Path(path) for path in [*paths.tables, *paths.figures]],
        Path(paths.page),
        Path(snakemake.output.manifest),
    )
    progress.say("manifest written")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
