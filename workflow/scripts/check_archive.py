"""Check an archive against its known or recorded hash, and write its receipt."""

from dvs_snn.files.job import run
from dvs_snn.recordings.archives.catalogue import write_receipt

if __name__ == "__main__":
    run(write_receipt, snakemake)
