"""The provenance of a result tells how it was made, and nothing private."""

import json
import subprocess
from pathlib import Path

import yaml
from jobs import quiet

from dvs_snn.files.hashes import sha256_of
from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import save_weights
from dvs_snn.publication.provenance_record import ProvenanceJob, git_state, write_provenance
from dvs_snn.recordings.archives.catalogue import CheckArchiveJob, Source, check_archive


def _recorded(folder: Path, weights: list[Path], data: dict, config: dict) -> dict:
    """Write the record of a study of version 1.10.0 and return it."""
    citation = folder / "CITATION.cff"
    citation.write_text("version: 1.10.0\ndate-released: 2026-01-01\n", encoding="utf-8")
    record = folder / "provenance.json"
    job = ProvenanceJob(
        weights,
        **data,
        citation=citation,
        seeds=[1, 2],
        settings=json.dumps(config),
        rerun="snakemake",
        record=record,
        config=folder / "config.used.yaml",
        clone=folder,
    )
    write_provenance(job)
    return json.loads(record.read_text(encoding="utf-8"))


def _git(folder, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_commit_and_dirty_flag(tmp_path):
    assert git_state(tmp_path) == {"commit": None, "dirty": None}
    _git(tmp_path, "init")
    (tmp_path / "file").write_text("1")
    _git(tmp_path, "add", "file")
    _git(tmp_path, "commit", "-m", "x")
    assert git_state(tmp_path) == {"commit": _git(tmp_path, "rev-parse", "HEAD"), "dirty": False}
    (tmp_path / "results").write_text("not tracked, so not dirt")
    assert git_state(tmp_path)["dirty"] is False
    (tmp_path / "file").write_text("2")
    assert git_state(tmp_path)["dirty"] is True


def test_the_record_is_written_beside_the_config(tmp_path):
    weights = tmp_path / "w.safetensors"
    save_weights(
        weights,
        "tutorial",
        build_network("tutorial"),
        device="A GPU",
        precision="float32",
        flags={"fp32_precision": "ieee"},
    )
    (tmp_path / "split.csv").write_text("split,sha256\ntrain,aa\n")
    (tmp_path / "twins.csv").write_text("split,sha256\nreal-twins,cc\nreal-twins,dd\n")
    (tmp_path / "mine.csv").write_text("recording,split,sha256\na,mine,bb\n")
    source = Source("nmnist/Train.zip", "http://127.0.0.1/x", None, None, "CC BY-SA 4.0")
    archive, receipt = tmp_path / "Train.zip", tmp_path / "Train.zip.json"
    archive.write_bytes(b"1")
    check_archive(CheckArchiveJob(source, archive, tmp_path, receipt), quiet())
    data = {
        "split": [tmp_path / "split.csv"],
        "twins": [tmp_path / "twins.csv"],
        "sets": [tmp_path / "mine.csv"],
        "receipts": [receipt],
    }
    inference = {"timing": "steps", "engine": "sinabs"}
    config = {"study": "é", "inference": {**inference, "step_ms": 10.0}}
    record = _recorded(tmp_path, [weights], data, config)
    assert record["version"] == "1.10.0"
    assert yaml.safe_load((tmp_path / "config.used.yaml").read_text()) == config
    assert (record["device"], record["seeds"]) == ("A GPU (float32)", [1, 2])
    assert record["device_flags"] == {"fp32_precision": "ieee"}
    assert record["versions"]["torch"] != "not installed"
    assert set(record["machine"]) == {"cpu", "cores", "memory_gb", "platform"}
    assert record["inference"] == inference
    assert [entry["name"] for entry in record["data"]] == [
        "recordings of the study",
        "real twins",
        "set mine",
        "nmnist/Train.zip",
    ]
    assert record["data"][1]["n_files"] == 2
    # One hash over a set's files, whatever their order.
    (tmp_path / "twins.csv").write_text("split,sha256\nreal-twins,dd\nreal-twins,cc\n")
    assert _recorded(tmp_path, [weights], data, config)["data"] == record["data"]
    (tmp_path / "twins.csv").write_text("split,sha256\nreal-twins,dd\nreal-twins,ce\n")
    assert _recorded(tmp_path, [weights], data, config)["data"] != record["data"]
    assert record["data"][3]["sha256"] == sha256_of(archive)
    assert record["data"][3]["hash"] == "recorded, not known beforehand"


def test_given_weights_are_told_once_with_their_hash_and_name_no_device(tmp_path):
    given = {"name": "weights given for mine", "n_files": 1, "sha256": "ab"}
    paths = [tmp_path / f"{seed}.safetensors" for seed in (1, 2)]
    for path in paths:
        save_weights(path, "tutorial", build_network("tutorial"), given=given)
    data = {key: [] for key in ("split", "twins", "sets", "receipts")}
    record = _recorded(tmp_path, paths, data, {"inference": {"timing": "events", "engine": "own"}})
    assert record["data"] == [given]
    assert (record["device"], record["device_flags"]) == ("", {})
