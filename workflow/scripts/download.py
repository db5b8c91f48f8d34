"""Fetch an archive."""

from dvs_snn.files.job import run
from dvs_snn.recordings.archives.fetching import fetch

if __name__ == "__main__":
    # The archive gets no record of its hash: a user may put another one in its place.
    run(fetch, snakemake, sealed=False)
