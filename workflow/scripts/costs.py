"""Set our points beside measured chips: the tables on energy."""

from dvs_snn.files.job import run
from dvs_snn.tables.costs import write_costs

if __name__ == "__main__":
    run(write_costs, snakemake)
