"""Draw what the tables say: training curves, sweep, trade-off, layers, confusion."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.report.drawing import draw_results


def main(snakemake, progress):
    draw_results(
        {name: Path(path) for name, path in snakemake.input.items() if name != "code"},
        json.loads(snakemake.params.power),
        {name: Path(path) for name, path in snakemake.output.items()},
    )
    progress.say("drawn")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
