"""Turn the trained CNN into a spiking network and store it without pickle."""

from dvs_snn.engines.spiking import store_spiking
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(store_spiking, snakemake)
