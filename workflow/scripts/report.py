"""Write the self-contained report page."""

from dvs_snn.files.job import run
from dvs_snn.report.page import write_report

if __name__ == "__main__":
    run(write_report, snakemake)
