"""Draw a recording beside its frame and the output spikes of the quoted network."""

from dvs_snn.files.job import run
from dvs_snn.report.pictures import plot_parts

if __name__ == "__main__":
    run(plot_parts, snakemake)
