"""Unpack from archives the recordings of MNIST-DVS or N-MNIST that the settings ask for."""

from dvs_snn.files.job import run
from dvs_snn.recordings.archives.unpack import unpack_recordings

if __name__ == "__main__":
    run(unpack_recordings, snakemake)
