"""Simulate the training recordings; store their time steps alone."""

from dvs_snn.files.job import run
from dvs_snn.simulation.training_recordings import simulate_steps

if __name__ == "__main__":
    run(simulate_steps, snakemake)
