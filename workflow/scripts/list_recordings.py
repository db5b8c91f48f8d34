"""List the recordings of all simulated sets in one split table."""

from dvs_snn.files.job import run
from dvs_snn.simulation.simulated_sets import list_recordings

if __name__ == "__main__":
    run(list_recordings, snakemake)
