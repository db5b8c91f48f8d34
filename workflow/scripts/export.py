"""Write the quoted networks of whole numbers as NIR files, with expected spikes."""

from dvs_snn.evaluation.exports import export
from dvs_snn.files.job import run

if __name__ == "__main__":
    run(export, snakemake)
