"""Make what the page shows of a recording: a film, facts by frame, and its output spikes."""

from dvs_snn.files.job import run
from dvs_snn.report.player import plot_recording

if __name__ == "__main__":
    run(plot_recording, snakemake)
