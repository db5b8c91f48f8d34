"""Archives shaped like MNIST-DVS's and N-MNIST's, made here, fetched, run through the presets."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from made_archives import QUICK, mnist_dvs_zip, nmnist_zip
from running import copy_project, fail, planned, succeed, write_config

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
