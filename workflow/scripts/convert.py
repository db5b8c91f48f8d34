"""Turn the trained CNN into a spiking network and store it without pickle."""

from dvs_snn.files.job import run
from dvs_snn.networks.conversion import convert

if __name__ == "__main__":
    run(convert, snakemake)
