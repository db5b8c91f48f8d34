"""Draw one figure or chart, or all figures of a recording."""

from dvs_snn.files.job import run
from dvs_snn.report.drawing import plot_figures

if __name__ == "__main__":
    run(plot_figures, snakemake)
