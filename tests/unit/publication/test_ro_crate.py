"""The crate of a made-up study names its files with hashes, the workflow and the run."""

import hashlib
import json
import os
import socket
from pathlib import Path

import pytest
from finished_study import RECORD, make_study

from dvs_snn.publication.provenance_record import workflow_files
from dvs_snn.publication.ro_crate import CC_BY_SA, CrateJob, write_crate

CLONE = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """The folder of the study, a crate; made without a network."""
    root = tmp_path_factory.mktemp("crate") / "results/made-up"
    files = make_study(root)
    os.utime(root / "work/logs/train/all.log", (1_000_000, 1_000_000))
    os.utime(root / "manifest.csv", (1_003_600, 1_003_600))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", None)
        write_crate(CrateJob(files, root / "ro-crate-metadata.json", root / "code"))
    return root


@pytest.fixture(scope="module")
def entities(study) -> dict[str, dict]:
    read = json.loads((study / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert read["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    by_id = {entity["@id"]: entity for entity in read["@graph"]}
    assert len(by_id) == len(read["@graph"])
    return by_id


def references(value: object) -> set[str]:
    """Return every entity that a value names."""
    if isinstance(value, dict):
        named = {value["@id"]} if set(value) == {"@id"} else set()
        return named.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_each_file_has_the_hash_and_size_of_its_bytes(study, entities):
    files = {name: one for name, one in entities.items() if "sha256" in one}
    assert {"report.html", "tables/evaluation.csv", "exports/plain/seed-1/README.txt"} <= set(files)
    for name, one in files.items():
        content = (study / name).read_bytes()
        assert one["sha256"] == hashlib.sha256(content).hexdigest(), name
        assert one["contentSize"] == str(len(content)), name
    assert not [name for name in files if name.startswith("work/hashes/")]


def test_each_file_belongs_to_the_crate_and_each_name_to_an_entity(entities):
    of_data = {name for name, one in entities.items() if "sha256" in one or name.endswith("/")}
    outside = {"./"} | {name for name in of_data if name.startswith("http")}
    assert of_data - outside <= references(entities["./"]["hasPart"])
    # Addresses of the formats' own documents aren't entities.
    named = references(list(entities.values())) - entities.keys()
    assert [name for name in named if not name.startswith("https://")] == []


def test_the_run_tells_when_by_which_workflow_from_what_and_what_came_out(entities):
    run = entities["#run"]
    assert run["startTime"] == "1970-01-12T13:46:40+00:00"
    assert run["endTime"] == "1970-01-12T14:46:40+00:00"
    assert references(run["instrument"]) == {"code/Snakefile"}
    assert references(run["object"]) == {"config.used.yaml"}
    results = references(run["result"])
    assert {"report.html", "tables/", "work/", "exports/"} <= results
    assert not results & {"config.used.yaml", "code/"}
    assert RECORD["commit"] in run["description"]


def test_files_that_derive_from_nmnist_have_its_licence(entities):
    shared = {
        name for name, one in entities.items() if references(one.get("license")) == {CC_BY_SA}
    }
    assert shared == {"code/workflow/data/nmnist-statistics.tsv"}


def test_the_copied_workflow_is_whole_and_none_of_the_users_files(study, tmp_path):
    for name in ("Snakefile", "workflow/rules/train.smk", "workflow/scripts/train.py"):
        assert (study / "code" / name).read_bytes() == (CLONE / name).read_bytes()
    for name in ("Snakefile", "mine.yaml", "workflow/a.py", "workflow/__pycache__/a.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    assert list(workflow_files(tmp_path)) == ["Snakefile", "workflow/a.py"]
