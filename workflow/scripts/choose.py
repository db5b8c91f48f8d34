"""Choose the operating point on validation recordings."""

from pathlib import Path

from dvs_snn.evaluation.choice import CHOICE_COLUMNS, TRIED, choose_scales
from dvs_snn.evaluation.early_exit import with_early_exit
from dvs_snn.evaluation.exits import read_exits
from dvs_snn.files.job import logged
from dvs_snn.files.tables import join_tables, write_table
from dvs_snn.settings.sweep import Choice


def main(snakemake, progress):
    params = snakemake.params
    tried = join_tables([Path(path) for path in snakemake.input.get("outcomes", [])], TRIED)
    rule = Choice(params.rule, params.within)
    exits = [read_exits(Path(path)) for path in snakemake.input.get("exits", [])]
    choice = choose_scales(tried, rule, params.step_ms, params.seed)
    choice = with_early_exit(choice, exits, rule, params.step_ms, params.seed)
    write_table(choice, Path(snakemake.output.choice), CHOICE_COLUMNS)
    progress.say(f"{len(choice)} choices")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
