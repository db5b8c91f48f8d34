"""List the real twins of the simulated test recordings."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.probes.twins import list_real_twins
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.plausibility.refusal import refuse


def main(snakemake, progress):
    params = snakemake.params
    where = json.loads(params.where)
    table = list_real_twins(Path(params.folder), params.name, placement_of(where))
    refuse(f"set {params.name}", table, where.get("time_unit"))
    write_table(table, Path(snakemake.output.table), "split")
    progress.say(f"{len(table)} real twins")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
