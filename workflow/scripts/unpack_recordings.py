"""Unpack from archives the recordings of MNIST-DVS or N-MNIST that the settings ask for."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.recordings.archives.unpack import unpack_recordings


def main(snakemake, progress):
    paths, params = snakemake.input, snakemake.params
    unpack_recordings(
        [Path(path) for path in paths.archives],
        [Path(path) for path in paths.receipts],
        params.scales,
        params.per_digit,
        Path(snakemake.output.folder),
        progress,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
