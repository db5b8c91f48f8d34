"""Price spiking networks and CNNs by the same models of energy."""

from dvs_snn.analysis.energy_models import write_models
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(write_models, snakemake)
