"""Take a network from the user's NIR file, in place of a training and a conversion."""

from dvs_snn.files.job import run
from dvs_snn.networks.nir_guests import take_guest

if __name__ == "__main__":
    run(take_guest, snakemake)
