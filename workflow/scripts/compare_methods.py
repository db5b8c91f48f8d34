"""Compare all methods: budgets, the front, and the factors by which they beat rescaling."""

from dvs_snn.analysis.front_points import compare_methods
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(compare_methods, snakemake)
