"""List the sha256 of every table and figure."""

from dvs_snn.files.job import run
from dvs_snn.publication.result_manifest import write_manifest

if __name__ == "__main__":
    run(write_manifest, snakemake)
