"""Simulate and store the recordings that trainings through time read."""

from dvs_snn.files.job import run
from dvs_snn.simulation.training_recordings import simulate_training

if __name__ == "__main__":
    run(simulate_training, snakemake)
