"""Make the recordings of a probe, which all networks read."""

from dvs_snn.files.job import run
from dvs_snn.files.registry import load
from dvs_snn.probes.probe import KINDS

if __name__ == "__main__":
    run(load(KINDS, snakemake.wildcards.probe).record, snakemake)
