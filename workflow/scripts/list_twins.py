"""List the real twins of the simulated test recordings."""

from dvs_snn.files.job import run
from dvs_snn.realism.twins import list_twins

if __name__ == "__main__":
    run(list_twins, snakemake)
