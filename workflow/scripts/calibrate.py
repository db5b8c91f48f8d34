"""Compare simulated recordings of the digit zero with real ones."""

from dvs_snn.files.job import run
from dvs_snn.realism.calibration import calibrate

if __name__ == "__main__":
    run(calibrate, snakemake)
