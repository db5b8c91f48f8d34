"""Tell simulated recordings from real ones of the same symbols, by a CNN's features."""

from dvs_snn.files.job import run
from dvs_snn.probes.realism import compare_features

if __name__ == "__main__":
    run(compare_features, snakemake)
