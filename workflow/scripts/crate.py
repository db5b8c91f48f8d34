"""Turn the study's folder into an RO-Crate: its metadata, and the workflow that made it."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.publication.code import workflow_files
from dvs_snn.publication.crate import write_crate


def main(snakemake, progress):
    paths = snakemake.input
    written = write_crate(
        [Path(path) for path in paths.files],
        [Path(path) for path in paths.folders],
        workflow_files(Path(__file__).resolve().parents[2]),
        Path(snakemake.output.metadata),
    )
    progress.say(f"{written} files named with their hashes")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
