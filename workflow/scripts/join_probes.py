"""Gather what all probes measured in one table."""

from dvs_snn.files.job import run
from dvs_snn.probes.joined import join_probes

if __name__ == "__main__":
    run(join_probes, snakemake)
