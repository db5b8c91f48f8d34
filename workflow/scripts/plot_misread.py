"""Draw some recordings that the quoted network misreads."""

from dvs_snn.files.job import run
from dvs_snn.report.pictures import plot_misread

if __name__ == "__main__":
    run(plot_misread, snakemake)
