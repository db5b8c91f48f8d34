"""Unpack one recording of the tutorial's second archive."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.recordings.archives.checksums import verified
from dvs_snn.recordings.archives.unzip import unpack_member


def main(snakemake, progress):
    target = Path(snakemake.output.recording)
    archive = verified(Path(snakemake.input.archive), Path(snakemake.input.receipt))
    unpack_member(archive, target.name, target)
    progress.say(f"unpacked {target.name}")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
