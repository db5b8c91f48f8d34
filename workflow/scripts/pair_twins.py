"""Compare every simulated twin with the real recording of the same symbol."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.probes.pairs import pair_twins


def main(snakemake, progress):
    paths, output = snakemake.input, snakemake.output
    table, pairs = pair_twins(
        Path(paths.ours),
        Path(paths.real) if paths.real else None,
        Path(paths.shipped),
        read_table(Path(paths.predictions), "predictions"),
        snakemake.params.seed,
    )
    write_table(table, Path(output.table), "paired")
    write_table(pairs, Path(output.pairs), "pairs")
    progress.say(f"{len(pairs)} pairs")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
