"""Draw a recording's output spikes and the running prediction at the quoted scale."""

import json
from pathlib import Path

from dvs_snn.drawing import draw_raster
from dvs_snn.job import logged


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
