"""Set our points beside measured chips: the tables on energy."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.tables.power.tables import write_power_tables


def main(snakemake, progress):
    paths = snakemake.input
    outputs = {name: Path(path) for name, path in snakemake.output.items()}
    power = json.loads(snakemake.params.power)
    write_power_tables(Path(paths.evaluation), Path(paths.chips), power, outputs)
    progress.say("tables written")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
