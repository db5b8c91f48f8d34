"""Write the quoted networks of whole numbers as NIR files, with expected spikes."""

from dvs_snn.files.job import run
from dvs_snn.publication.exports import export

if __name__ == "__main__":
    run(export, snakemake)
