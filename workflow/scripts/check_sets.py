"""Compare the recordings of every set with those that trained; warn of what doesn't fit."""

from dvs_snn.files.job import run
from dvs_snn.recordings.plausibility.checks import check_sets

if __name__ == "__main__":
    run(check_sets, snakemake)
