"""Take a network's weights from the user's own file, in place of a training."""

from dvs_snn.files.job import run
from dvs_snn.training.variant_weights import import_weights

if __name__ == "__main__":
    run(import_weights, snakemake)
