"""Compare the recordings of every set with those that trained; warn of what doesn't fit."""

import json
from pathlib import Path

from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.placement import placements_of
from dvs_snn.recordings.plausibility.checks import check_sets


def main(snakemake, progress):
    params, paths = snakemake.params, snakemake.input
    table = check_sets(
        dict(zip(params.sets, map(json.loads, params.where), strict=True)),
        {kind: [Path(path) for path in paths[kind]] for kind in ("splits", "events", "tables")},
        list(map(Path, paths.facts)),
        Path(paths.frames),
        Path(paths.index),
        [placements_of(scenes) for scenes in params.placements],
        params.step_ms,
        params.classes,
    )
    write_table(table, Path(snakemake.output.table), "checks")
    progress.say(f"{(table['verdict'] == 'warning').sum()} warnings")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
