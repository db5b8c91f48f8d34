"""Read every recording of an added set once and list it; refuse what no sensor can have sent."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.folder import list_folder
from dvs_snn.recordings.folders.listing import Entry, list_recordings
from dvs_snn.recordings.plausibility.refusal import refuse


def main(snakemake, progress):
    params, name = snakemake.params, snakemake.wildcards.set
    where = json.loads(params.where)
    entries = [Entry(file, name) for file in list_folder(Path(params.folder), params.classes)]
    table = list_recordings(entries, where, progress, name)
    refuse(f"set {name}", table, where)
    write_table(table, Path(snakemake.output.table), "split")
    progress.say(f"{len(table)} recordings")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
