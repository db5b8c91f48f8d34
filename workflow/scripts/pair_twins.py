"""Compare every simulated twin with the real recording of the same symbol."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.realism.pairs import pair_twins
from dvs_snn.report.simulation_drawing import draw_twins
from dvs_snn.simulation.symbols import read_symbols


def main(snakemake, progress):
    paths, output = snakemake.input, snakemake.output
    table, pairs, ours, real = pair_twins(
        Path(paths.ours),
        Path(paths.real) if paths.real else None,
        Path(paths.shipped),
        read_table(Path(paths.predictions)),
        json.loads(snakemake.params.sensor_size),
        snakemake.params.seed,
    )
    write_table(table, Path(output.table))
    draw_twins(pairs, ours, real, read_symbols(Path(paths.symbols)), output)
    progress.say(f"{len(pairs)} pairs")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
