"""Read every recording of an added set once and list it; refuse what can't be."""

from dvs_snn.files.job import run
from dvs_snn.recordings.folders.splitting import list_set

if __name__ == "__main__":
    run(list_set, snakemake)
