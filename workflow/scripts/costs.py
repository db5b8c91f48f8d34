"""Set our points beside measured chips: the tables on energy."""

from dvs_snn.analysis.energy_costs import write_costs
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(write_costs, snakemake)
