"""List the recordings, read each once, and split them by symbol."""

from dvs_snn.files.job import run
from dvs_snn.recordings.folders.splitting import split_data

if __name__ == "__main__":
    run(split_data, snakemake)
