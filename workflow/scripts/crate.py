"""Turn the study's folder into an RO-Crate: its metadata, and the workflow that made it."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.plan.code import workflow_files
from dvs_snn.publication.crate import write_crate


def main(snakemake, progress):
    code = workflow_files(Path(__file__).resolve().parents[2])
    files = [Path(path) for path in snakemake.input.files]
    write_crate(files, code, Path(snakemake.output.metadata))
    progress.say(f"{snakemake.output.metadata} written")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
