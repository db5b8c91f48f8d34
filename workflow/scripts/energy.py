"""Price spiking networks and CNNs by the same prices; list what operations cost on chips."""

from dvs_snn.energy.energy_table import price_points
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(price_points, snakemake)
