"""docs/config.md says what runs again when a key changes, as real dry runs do."""

import runpy

import pytest
import yaml
from running import ROOT, planned, pretend
from shared import made_once

pytestmark = pytest.mark.long

# Where a key is tried: those of the source of data in a study of archives.
STUDIES = {
    "smoke": lambda section: section != "data",
    "mnist-dvs": lambda section: section == "data",
}
# What neither study has, so that it can't change there alone.
ELSEWHERE = (
    "evaluation", "data.sources", "inference.device", "simulation.symbols.source",
    "simulation.step_recordings",
    # Only other methods than rescaling train again.
    "conversion",
)  # fmt: skip
PAGE = runpy.run_path(str(ROOT / "docs" / "config.py"))
TOLD, PLACES = PAGE["rules_as_written"](), PAGE["places"]()


def sampled(study: str) -> list[str]:
    """Return one key for each set of rules."""
    first: dict[tuple, str] = {}
    for key, rules in TOLD.items():
        section = key.split(".")[0]
        if STUDIES[study](section) and not key.startswith(ELSEWHERE):
            first.setdefault(tuple(sorted(rules)), key)
    return list(first.values())


@pytest.fixture(scope="module")
def derived():
    return runpy.run_path(str(ROOT / "docs" / "runs_again.py"))


@pytest.fixture(scope="module")
def run_before(derived, tmp_path_factory):
    """Return the folder in which both studies seem to have run, and the rules of each."""

    def make(folder):
        derived["prepared"](folder)
        rules = {}
        for study in STUDIES:
            settings = yaml.safe_dump(derived["settings_of"](study))
            (folder / f"{study}.yaml").write_text(settings, encoding="utf-8")
            jobs = pretend(folder, "--cores", "2", "--configfile", f"{study}.yaml")
            rules[study] = sorted({job["rule"] for job in jobs})
        (folder / "rules.yaml").write_text(yaml.safe_dump(rules), encoding="utf-8")

    folder = made_once(tmp_path_factory, "pretended", make)
    return folder, yaml.safe_load((folder / "rules.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("study", "key"), [(study, key) for study in STUDIES for key in sampled(study)]
)
def test_the_page_says_what_a_dry_run_says(run_before, derived, study, key):
    folder, rules = run_before
    before = derived["settings_of"](study)
    after = next(derived["changes"](before, key, *PLACES[key]), None)
    if after is None:
        pytest.skip("the models refuse it in this study")
    (folder / "after.yaml").write_text(yaml.safe_dump(after), encoding="utf-8")
    again = planned(folder, "--cores", "2", "--configfile", "after.yaml").keys() - {"all"}
    # A study names some rules only when it needs them: an archive that is there isn't fetched.
    assert again == TOLD[key] & {*rules[study], *again}
