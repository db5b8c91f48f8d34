"""Describe the network's layers: shapes, weights, fan-outs, MACs."""

from dvs_snn.files.job import run
from dvs_snn.networks.description import describe

if __name__ == "__main__":
    run(describe, snakemake)
