"""The crate of a made-up study names its files with hashes, the workflow and the run."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from finished_study import RECORD, make_study

from dvs_snn.publication.code import workflow_digest, workflow_files
from dvs_snn.publication.crate import write_crate
from dvs_snn.publication.licences import CC_BY_SA

CLONE = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """The folder of the study, a crate."""
    root = make_study(tmp_path_factory.mktemp("crate") / "made-up")
    os.utime(root / "logs/train/all.log", (1_000_000, 1_000_000))
    os.utime(root / "manifest.csv", (1_003_600, 1_003_600))
    files = [root / name for name in (
        "report.html", "manifest.csv", "provenance.json", "config.used.yaml", "exports", "tables",
        "recordings/split.csv", "twins/pairs.csv", "training", "networks", "figures", "cards",
    )]  # fmt: skip
    output = root / "ro-crate-metadata.json"
    write_crate(files, [root / "recordings/test"], workflow_files(CLONE), output)
    return root


@pytest.fixture(scope="module")
def entities(study) -> dict[str, dict]:
    read = json.loads((study / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert read["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    found = {entity["@id"]: entity for entity in read["@graph"]}
    assert len(found) == len(read["@graph"])
    return found


def references(value: object) -> set[str]:
    """Return every entity that a value names."""
    if isinstance(value, dict):
        named = {value["@id"]} if set(value) == {"@id"} else set()
        return named.union(*(references(one) for one in value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_each_file_has_the_hash_and_size_of_its_bytes(study, entities):
    files = {name: one for name, one in entities.items() if "sha256" in one}
    assert {"report.html", "tables/evaluation.csv", "exports/plain/seed-1/README.txt"} <= set(files)
    for name, one in files.items():
        content = (study / name).read_bytes()
        assert one["sha256"] == hashlib.sha256(content).hexdigest(), name
        assert one["contentSize"] == str(len(content)), name
    assert not [name for name in files if Path(name).name.startswith(".")]


def test_each_file_belongs_to_the_crate_and_each_name_to_an_entity(study, entities):
    reached, todo = set(), {"./"}
    while todo:
        name = todo.pop()
        reached.add(name)
        todo |= references(entities[name].get("hasPart", [])) - reached
    of_data = {name for name, one in entities.items() if "sha256" in one or name.endswith("/")}
    outside = {"./"} | {name for name in of_data if name.startswith("http")}
    assert of_data - outside <= reached
    # Addresses of the formats' own documents aren't entities.
    named = references(list(entities.values())) - entities.keys()
    assert [name for name in named if not name.startswith("https://")] == []


def test_the_run_tells_when_by_which_workflow_from_what_and_what_came_out(entities):
    run = entities["#run"]
    assert (run["startTime"], run["endTime"]) == (
        "1970-01-12T13:46:40+00:00", "1970-01-12T14:46:40+00:00"
    )  # fmt: skip
    assert references(run["instrument"]) == {"code/Snakefile"}
    assert references(run["object"]) == {"config.used.yaml", "#data-1"}
    results = references(run["result"])
    assert {"report.html", "tables/", "networks/", "exports/"} <= results
    assert not results & {"config.used.yaml", "code/"}
    assert RECORD["commit"] in run["description"]
    assert entities["#data-1"]["value"] == "f" * 64


def test_the_software_stands_with_its_versions(entities):
    found = {one["name"]: one["softwareVersion"] for one in entities.values()
             if one["@type"] == "SoftwareApplication"}  # fmt: skip
    assert found == RECORD["versions"]


def test_files_that_derive_from_nmnist_have_its_licence(entities):
    shared = {
        name for name, one in entities.items() if references(one.get("license")) == {CC_BY_SA}
    }
    assert shared == {
        "twins/pairs.csv", "code/workflow/data/nmnist-statistics.tsv",
        "code/workflow/data/nmnist-twins.tsv",
    }  # fmt: skip


def test_the_copied_workflow_is_whole_and_none_of_the_users_files(study, tmp_path):
    for name in ("Snakefile", "workflow/rules/train.smk", "workflow/scripts/train.py"):
        assert (study / "code" / name).read_bytes() == (CLONE / name).read_bytes()
    clone = tmp_path / "clone"
    for name in ("Snakefile", "mine.yaml", "workflow/a.py", "workflow/__pycache__/a.pyc"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text("1")
    assert list(workflow_files(clone)) == ["Snakefile", "workflow/a.py"]
    before = workflow_digest(clone)
    (clone / "mine.yaml").write_text("2")
    assert workflow_digest(clone) == before
    (clone / "workflow/a.py").write_text("2")
    assert workflow_digest(clone) != before
