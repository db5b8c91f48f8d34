"""Make a recording A, B, C: a test symbol on paper, held by hand."""

from dvs_snn.files.job import run
from dvs_snn.simulation.simulated_sets import simulate_recording

if __name__ == "__main__":
    run(simulate_recording, snakemake)
