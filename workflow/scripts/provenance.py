"""Record code, versions, machine and data behind the results."""

from dvs_snn.files.job import run
from dvs_snn.publication.provenance_record import write_provenance

if __name__ == "__main__":
    run(write_provenance, snakemake)
