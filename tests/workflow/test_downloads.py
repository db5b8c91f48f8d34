"""Archives shaped like MNIST-DVS's and N-MNIST's, made here, fetched, run through the presets."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from made_archives import QUICK, mnist_dvs_zip, nmnist_zip, twins_zip
from running import copy_project, fail, planned, succeed, write_config

from dvs_snn.realism.twins import TWINS_PER_DIGIT

ASKED_FOR = 13  # of the archives' 15 symbols of each digit


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the project whose downloads are this module's."""
    return copy_project(tmp_path_factory.mktemp("downloads"))


def split_of(project, server, study: str, archives: dict[str, bytes], **data: object) -> tuple:
    """Run the study of a preset as far as its split; return its table and its config files."""
    unknown = {"bytes": None, "sha256": None}
    data["sources"] = {
        f"{study}/{name}": {"url": server.serve(f"/{study}/{name}", content), **unknown}
        for name, content in archives.items()
    }
    own = write_config(project, f"{study}.yaml", data=data, **QUICK)
    configs = ("--configfile", f"workflow/presets/{study}.yaml", own)
    table = f"results/{study}/work/recordings/split.csv"
    succeed(project, "--cores", "2", table, *configs)
    return pd.read_csv(project / table, dtype={"symbol": str}), configs


def test_only_what_is_asked_for_is_unpacked_and_archives_outlive_the_results(
    project, server, tmp_path
):
    archives = {f"grabbed_data{d}.zip": mnist_dvs_zip(d, tmp_path) for d in range(10)}
    some = {"scales": [8, 16], "per_digit": ASKED_FOR}
    split, configs = split_of(project, server, "mnist-dvs", archives, **some)
    assert sorted(server.asked) == [f"/mnist-dvs/grabbed_data{digit}.zip" for digit in range(10)]
    results = project / "results/mnist-dvs"
    root = results / "work/recordings/unpacked"
    assert {str(path.relative_to(root)) for path in root.rglob("*.aedat")} == {
        f"all/{digit}/mnist_{digit}_scale{scale}_{number:04d}.aedat"
        for digit in range(10)
        for scale in ("08", "16")
        for number in range(1, ASKED_FOR + 1)
    }
    assert len(split) == 2 * 10 * ASKED_FOR
    assert (split.groupby("symbol")["split"].nunique() == 1).all()
    assert not {"download", "check_archive", "split"} & planned(project, *configs).keys()
    shutil.rmtree(results)
    jobs = planned(project, *configs)
    assert (jobs.get("download", 0), jobs["check_archive"]) == (0, 10)


def test_nmnist_is_split_as_its_archives_are_and_one_altered_by_hand_is_found(
    project, server, tmp_path
):
    archives = {
        f"{part}.zip": nmnist_zip(part, n, tmp_path) for part, n in (("Train", 14), ("Test", 3))
    }
    split, configs = split_of(project, server, "nmnist", archives, per_digit=None)
    test = split[split["split"] == "test"]
    assert test["file"].str.contains("unpacked/test/").all()
    assert (test.groupby("label").size() == 3).all()
    assert (split.drop(test.index).groupby("label").size() == 14).all()
    path = project / "data/nmnist/Train.zip"
    path.write_bytes(path.read_bytes().replace(b"Train/7", b"Train/4", 1))
    (error,), _ = fail(project, "--cores", "1", *configs)
    assert "if the change is meant, delete data/nmnist/Train.zip.sha256" in error


def test_real_twins_are_unpacked_from_nmnists_archive(project, server, tmp_path):
    name = "nmnist/Train.zip"
    (tmp_path / "Train.zip").write_bytes(twins_zip(TWINS_PER_DIGIT))
    sources = {name: {"url": "http://127.0.0.1/", "bytes": None, "sha256": None}}
    # Hashes of archives stand in the folder of downloads; other tests made another Train.zip.
    data = {"local": str(tmp_path), "downloads": "twins", "sources": sources}
    own = write_config(project, "t.yaml", data=data)
    configs = ("--configfile", "workflow/presets/twins.yaml", own)
    table = "results/twins/work/recordings/real-twins.csv"
    succeed(project, "--cores", "2", table, *configs)
    twins = pd.read_csv(project / table, dtype={"symbol": str})
    assert len(twins) == 1000
    assert twins.groupby("label").size().tolist() == list(TWINS_PER_DIGIT)
    unpacked = project / "results/twins/work/recordings/unpacked"
    # The archive holds one recording more.
    assert len(list(unpacked.rglob("*.bin"))) == 1000
    # Neither the training nor recordings A, B, C wait for the archive.
    jobs = planned(project, *configs)
    assert not {"download", "check_archive", "unpack_recordings", "list_twins"} & jobs.keys()
    assert jobs["train"] == 4
