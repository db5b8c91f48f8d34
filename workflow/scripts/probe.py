"""Measure what a probe changes: of one network, or of the sensor alone."""

from dvs_snn.files.job import run
from dvs_snn.files.registry import load
from dvs_snn.probes.probe import KINDS

if __name__ == "__main__":
    run(load(KINDS, snakemake.wildcards.probe).measure, snakemake)
