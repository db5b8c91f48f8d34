"""List the recordings, read each once, and split them by symbol."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.split import split_folder
from dvs_snn.recordings.plausibility.refusal import refuse
from dvs_snn.settings.data import SplitShares


def main(snakemake, progress):
    params = snakemake.params
    shares = SplitShares(**json.loads(params.shares))
    folders = snakemake.input.get("folders") or [params.folder, params.test_folder]
    root, test_root = [*(Path(folder) for folder in folders if folder), None][:2]
    where = json.loads(params.where)
    table = split_folder(root, test_root, where, shares, params.seed, progress, params.classes)
    refuse("section data", table, where)
    write_table(table, Path(snakemake.output.table), "split")
    progress.say(f"{len(table)} recordings of {table['symbol'].nunique()} symbols")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
