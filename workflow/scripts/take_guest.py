"""Take a network from the user's NIR file, in place of a training and a conversion."""

from dvs_snn.engines.converting import take_guest
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(take_guest, snakemake)
