"""Run both inference engines on a sample of recordings; stop the study where they disagree."""

from dvs_snn.engines.verification import verify
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(verify, snakemake)
