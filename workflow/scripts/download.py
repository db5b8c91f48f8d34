"""Fetch an archive."""

from dvs_snn.files.job import run
from dvs_snn.recordings.archives.fetching import fetch

if __name__ == "__main__":
    run(fetch, snakemake)
