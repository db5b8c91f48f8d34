"""Each rule belongs to a stage by the file that holds it."""

from pathlib import Path

from dvs_snn.report.terminal.stages import FILES_OF_STAGES, stages_of

RULES = Path(__file__).parents[4] / "workflow/rules"


def test_every_file_of_rules_belongs_to_one_stage():
    with_rules = {
        path.stem
        for path in RULES.glob("*.smk")
        if "\nrule " in path.read_text(encoding="utf-8").replace("    rule ", "rule ")
    }
    named = [name for names in FILES_OF_STAGES.values() for name in names]
    assert len(named) == len(set(named))
    assert set(named) == with_rules | {"Snakefile"}


def test_a_file_that_no_stage_names_is_a_stage():
    assert stages_of({"train": "train", "sort": "mine"}) == {"train": "training", "sort": "mine"}
