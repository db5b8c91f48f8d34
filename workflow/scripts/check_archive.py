"""Check an archive against its known or recorded hash, and write its receipt."""

from dvs_snn.files.job import run
from dvs_snn.recordings.archives.catalogue import check_archive

if __name__ == "__main__":
    run(check_archive, snakemake)
