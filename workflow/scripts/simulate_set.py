"""Make a set of simulated recordings and list it."""

from dvs_snn.files.job import run
from dvs_snn.simulation.simulated_sets import simulate_set

if __name__ == "__main__":
    run(simulate_set, snakemake)
