"""Turn the study's folder into an RO-Crate: its metadata, and the workflow that made it."""

from dvs_snn.files.job import run
from dvs_snn.publication.ro_crate import write_crate

if __name__ == "__main__":
    run(write_crate, snakemake)
