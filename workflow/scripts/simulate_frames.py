"""Simulate the training recordings; store their frames alone."""

from dvs_snn.files.job import run
from dvs_snn.simulation.training_recordings import simulate_frames

if __name__ == "__main__":
    run(simulate_frames, snakemake)
