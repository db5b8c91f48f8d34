"""A crate and the citation are valid by the formats' own programs, and pages tell them truly."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from running import ROOT, SMOKE, announced, succeed

from dvs_snn.publication.result_manifest import read_manifest
from dvs_snn.publication.ro_crate import SHARED_ALIKE

METADATA = "ro-crate-metadata.json"
VALIDATORS = ROOT / "docs/publication-requirements.txt"
PYTHON = ROOT / ".venv-publication/bin/python"
needs_validators = pytest.mark.skipif(
    not PYTHON.exists(), reason=f"{PYTHON} isn't there: an environment of {VALIDATORS.name}"
)


def test_what_derives_from_nmnist_is_shared_alike():
    shipped = {path.name: path for path in (ROOT / "workflow/data").iterdir() if path.is_file()}
    heads = {name: path.read_text("utf-8").partition("\n")[0] for name, path in shipped.items()}
    marked = {name for name, head in heads.items() if "Licence: CC BY-SA 4.0" in head}
    assert marked == SHARED_ALIKE & shipped.keys()
    assert len(marked) == 1


@needs_validators
def test_the_citation_is_valid():
    command = [PYTHON.parent / "cffconvert", "--validate", "-i", ROOT / "CITATION.cff"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "valid according to schema version 1.2.0" in done.stdout


@pytest.fixture(scope="module")
def published(smoke, tmp_path_factory) -> Path:
    """A copy of the finished smoke study, made a crate by its rule."""
    project = shutil.copytree(smoke, tmp_path_factory.mktemp("crate") / "project", symlinks=True)
    succeed(project, "--cores", "2", "crate", *SMOKE)
    return project


def test_nothing_in_a_studys_folder_is_hidden(smoke):
    # Snakemake's own, in folders that a job makes.
    hidden = {path.name for path in (smoke / "results/smoke").rglob(".*")}
    assert hidden <= {".snakemake_timestamp"}


def test_a_crate_names_what_the_manifest_lists(published):
    results = published / "results/smoke"
    read = json.loads((results / METADATA).read_text(encoding="utf-8"))
    named = {entity["@id"]: entity["sha256"] for entity in read["@graph"] if "sha256" in entity}
    listed = read_manifest(results)
    # The manifest's hash of the page leaves lines out.
    del listed["report.html"]
    assert len(listed) > 30
    assert listed.items() <= named.items()
    assert announced(published, "--cores", "2", "crate", *SMOKE) == []


@needs_validators
def test_the_crate_is_valid(published):
    # The HTTP proxies lead nowhere, and values that lead into the study's environment stay here.
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env |= dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    command = [PYTHON, ROOT / "tests/workflow/validating.py", published / "results/smoke"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=published, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
