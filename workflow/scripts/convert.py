"""Turn the trained CNN into a spiking network and store it without pickle."""

from dvs_snn.engines.converting import convert_for
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(convert_for, snakemake)
