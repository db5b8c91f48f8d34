"""Compare the points of all networks: the front, equal accuracy, budgets, published figures."""

from dvs_snn.analysis.compared_points import compare_points
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(compare_points, snakemake)
