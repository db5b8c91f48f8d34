"""Make what the page's player of a recording shows: a film of its events, and facts by frame."""

from dvs_snn.files.job import run
from dvs_snn.report.player import write_player

if __name__ == "__main__":
    run(write_player, snakemake)
