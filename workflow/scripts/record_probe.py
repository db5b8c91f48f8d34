"""Make the recordings of a probe, which all networks read."""

from dvs_snn.files.job import run
from dvs_snn.probes.probe_modules import record_probe

if __name__ == "__main__":
    run(record_probe, snakemake)
