"""Measure the CNN on the test block of the tutorial's frames."""

from dvs_snn.files.job import run
from dvs_snn.training.test_frames import read_test_frames

if __name__ == "__main__":
    run(read_test_frames, snakemake)
