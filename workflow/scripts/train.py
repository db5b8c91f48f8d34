"""Train a network by its variant's method; store its weights and its curve."""

from dvs_snn.files.job import run
from dvs_snn.training.variant_weights import train_variant

if __name__ == "__main__":
    run(train_variant, snakemake)
