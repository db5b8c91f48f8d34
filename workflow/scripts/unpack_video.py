"""Unpack one recording of the tutorial's second archive."""

from dvs_snn.files.job import run
from dvs_snn.recordings.archives.unpack import unpack_video

if __name__ == "__main__":
    run(unpack_video, snakemake)
