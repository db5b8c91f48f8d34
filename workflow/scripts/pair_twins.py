"""Compare every simulated twin with the real recording of the same symbol."""

from pathlib import Path

from dvs_snn.evaluation.summaries import PREDICTION_TABLE
from dvs_snn.files.job import logged
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.probes.pairs import PAIR_COLUMNS, PAIRED_TABLE, pair_twins


def main(snakemake, progress):
    paths, output = snakemake.input, snakemake.output
    table, pairs = pair_twins(
        Path(paths.ours),
        Path(paths.real) if paths.real else None,
        Path(paths.shipped),
        read_table(Path(paths.predictions), PREDICTION_TABLE),
        snakemake.params.seed,
    )
    write_table(table, Path(output.table), PAIRED_TABLE)
    write_table(pairs, Path(output.pairs), PAIR_COLUMNS)
    progress.say(f"{len(pairs)} pairs")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
