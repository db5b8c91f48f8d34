"""Gather the sensitivity of all networks in one table."""

from pathlib import Path

import pandas as pd

from dvs_snn.job import logged
from dvs_snn.tablefile import read_table, write_table


def main(snakemake, progress):
    tables = [read_table(Path(path)) for path in snakemake.input.tables]
    write_table(pd.concat(tables, ignore_index=True), Path(snakemake.output.table))
    progress.say(f"{len(tables)} networks")


if __name__ == "__main__":
    with logged(snakemake.log[0]) as progress:
        main(snakemake, progress)
