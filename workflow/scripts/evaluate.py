"""Run sets of recordings through the spiking network at one scale."""

from dvs_snn.evaluation.of_set import evaluate
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(evaluate, snakemake)
