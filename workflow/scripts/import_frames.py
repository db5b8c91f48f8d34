"""Copy the tutorial's PNG frames into one packed array, split by contiguous blocks."""

from dvs_snn.files.job import run
from dvs_snn.recordings.archives.tutorial_archives import import_frames

if __name__ == "__main__":
    run(import_frames, snakemake)
