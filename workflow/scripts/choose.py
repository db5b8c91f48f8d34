"""Choose the operating point of each method on validation recordings."""

from dvs_snn.files.job import run
from dvs_snn.points.quoted_networks import choose_on_validation

if __name__ == "__main__":
    run(choose_on_validation, snakemake)
