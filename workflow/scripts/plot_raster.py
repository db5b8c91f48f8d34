"""Draw a recording's output spikes and the running prediction at the quoted scale."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.report.drawing import draw_raster


def main(snakemake, progress):
    draw_raster(
        json.loads(snakemake.params.row),
        Path(snakemake.input.sweep[0]),
        Path(snakemake.input.recordings),
        Path(snakemake.output.raster),
    )
    progress.say("drawn")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
