"""Gather what all jobs measured into the result tables."""

from dvs_snn.files.job import run
from dvs_snn.summaries.gathering import gather_tables

if __name__ == "__main__":
    run(gather_tables, snakemake)
