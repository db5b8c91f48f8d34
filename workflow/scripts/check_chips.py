"""Run guests on real recordings as a chip would, beside what a chip measured."""

from dvs_snn.evaluation.chip_check import check_chips
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(check_chips, snakemake)
