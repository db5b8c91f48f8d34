"""Draw one figure or chart."""

from dvs_snn.files.job import run
from dvs_snn.report.drawing import plot_figure

if __name__ == "__main__":
    run(plot_figure, snakemake)
