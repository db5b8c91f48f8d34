"""The citation is valid by its format's own program, and pages tell licences truly."""

import re
import subprocess

import pytest
from running import ROOT

VALIDATORS = ROOT / "tests/citation-requirements.txt"
PYTHON = ROOT / ".venv-citation/bin/python"


def test_what_derives_from_nmnist_is_shared_alike():
    shipped = {path.name: path for path in (ROOT / "workflow/data").iterdir() if path.is_file()}
    heads = {name: path.read_text("utf-8").partition("\n")[0] for name, path in shipped.items()}
    marked = {name for name, head in heads.items() if "Licence: CC BY-SA 4.0" in head}
    page = (ROOT / "docs/cite.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `([^`]*)` \| .* \| CC BY-SA 4\.0 \|$", page, re.MULTILINE))
    assert marked == listed
    assert len(marked) == 1


@pytest.mark.skipif(
    not PYTHON.exists(), reason=f"{PYTHON} isn't there: an environment of {VALIDATORS.name}"
)
def test_the_citation_is_valid():
    command = [PYTHON.parent / "cffconvert", "--validate", "-i", ROOT / "CITATION.cff"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "valid according to schema version 1.2.0" in done.stdout


def test_nothing_in_a_studys_folder_is_hidden(smoke):
    # Snakemake's own, in folders that a job makes.
    hidden = {path.name for path in (smoke / "results/smoke").rglob(".*")}
    assert hidden <= {".snakemake_timestamp"}
