"""List the real twins of the simulated test recordings."""

from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.realism.twins import list_real_twins
from dvs_snn.sources.split_table import SPLIT_COLUMNS


def main(snakemake, progress):
    table = list_real_twins(Path(snakemake.params.folder), snakemake.params.name)
    write_table(table, Path(snakemake.output.table), SPLIT_COLUMNS)
    progress.say(f"{len(table)} real twins")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
