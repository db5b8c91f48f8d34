"""Let the CNN read the frames of the recordings of sets."""

from dvs_snn.evaluation.cnn import read_sets
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(read_sets, snakemake)
