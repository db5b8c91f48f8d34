"""Compare every simulated twin with the real recording of the same symbol."""

from dvs_snn.files.job import run
from dvs_snn.realism.pairs import pair_twins

if __name__ == "__main__":
    run(pair_twins, snakemake)
