"""Measure what a probe changes of one network."""

from dvs_snn.files.job import run
from dvs_snn.probes.probe_modules import measure_probe

if __name__ == "__main__":
    run(measure_probe, snakemake)
