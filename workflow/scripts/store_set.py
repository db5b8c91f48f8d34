"""Read every recording of a set once and store what its sensor sent."""

from dvs_snn.files.job import run
from dvs_snn.recordings.store.reading import store_split

if __name__ == "__main__":
    run(store_split, snakemake)
