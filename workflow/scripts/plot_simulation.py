"""Draw the calibration, the sensitivity and what is still misread."""

import json

from dvs_snn.files.job import logged
from dvs_snn.report.simulation_drawing import draw_simulation


def main(snakemake, progress):
    scenes = json.loads(snakemake.params.scenes)
    draw_simulation(snakemake.input, scenes, snakemake.output)
    progress.say("drawn")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
