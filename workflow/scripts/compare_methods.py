"""Compare all methods: budgets, the front, and the factors by which they beat rescaling."""

from dvs_snn.files.job import run
from dvs_snn.tables.front import compare_methods

if __name__ == "__main__":
    run(compare_methods, snakemake)
