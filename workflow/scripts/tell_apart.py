"""Tell simulated recordings from real ones of the same symbols, by statistics of events."""

from dvs_snn.files.job import run
from dvs_snn.realism.separation import tell_apart

if __name__ == "__main__":
    run(tell_apart, snakemake)
