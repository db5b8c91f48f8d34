"""Read the drawn digits and assign them to training, validation and test."""

from dvs_snn.files.job import run
from dvs_snn.simulation.drawn_symbols import draw_symbols

if __name__ == "__main__":
    run(draw_symbols, snakemake)
