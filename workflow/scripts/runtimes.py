"""Gather the seconds and memory of all heavy jobs."""

from dvs_snn.files.job import run
from dvs_snn.summaries.run_times import gather_runtimes

if __name__ == "__main__":
    run(gather_runtimes, snakemake)
