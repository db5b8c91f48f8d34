"""Run one recording, A, B, C or the user's own, at every scale."""

from dvs_snn.evaluation.of_recording import infer
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(infer, snakemake)
