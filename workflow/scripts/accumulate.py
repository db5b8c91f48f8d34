"""Accumulate the frames of every recording into one packed array."""

from dvs_snn.files.job import run
from dvs_snn.recordings.store.reading import accumulate_split

if __name__ == "__main__":
    run(accumulate_split, snakemake)
