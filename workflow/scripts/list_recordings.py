"""List the recordings of all simulated sets in one split table."""

from dvs_snn.files.job import run
from dvs_snn.recordings.folders.split import join_lists

if __name__ == "__main__":
    run(join_lists, snakemake)
