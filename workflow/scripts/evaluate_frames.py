"""Measure the CNN on the test block of the tutorial's frames."""

from dvs_snn.evaluation.cnn import read_test_frames
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(read_test_frames, snakemake)
