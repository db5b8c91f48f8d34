"""Choose the operating point of each method on validation recordings."""

import json
from pathlib import Path

from dvs_snn.evaluation.choosing.choice import choose_points
from dvs_snn.evaluation.choosing.trials import read_readings
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sweep import Choice


def main(snakemake, progress):
    params = snakemake.params
    paths, exits = (
        [Path(path) for path in snakemake.input.get(name, [])] for name in ("outcomes", "exits")
    )
    choice = choose_points(
        read_readings(paths, exits, [VALIDATION]), json.loads(params.methods),
        Choice(params.rule, params.within), params.step_ms, params.seed,
    )  # fmt: skip
    write_table(choice, Path(snakemake.output.choice), "stored_choice")
    progress.say(f"{len(choice)} choices")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
