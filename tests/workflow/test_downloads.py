"""Archives shaped like MNIST-DVS's and N-MNIST's, made here, fetched, run through the presets."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from made_archives import QUICK, mnist_dvs_zip, nmnist_zip
from running import copy_project, fail, planned, succeed, write_config, write_unseen

MNIST_DVS = "workflow/presets/mnist-dvs.yaml"
NMNIST = "workflow/presets/nmnist.yaml"
ASKED_FOR = 13  # of the archives' 15 symbols of each digit


@pytest.fixture(scope="module")
def sources(server, tmp_path_factory) -> dict[str, dict]:
    """Serve all archives; return the overrides of their addresses, sizes and hashes."""
    folder = tmp_path_factory.mktemp("members")
    archives = {f"mnist-dvs/grabbed_data{d}.zip": mnist_dvs_zip(d, folder) for d in range(10)}
    archives["nmnist/Train.zip"] = nmnist_zip("Train", 14, folder)
    archives["nmnist/Test.zip"] = nmnist_zip("Test", 3, folder)
    unknown = {"bytes": None, "sha256": None}
    return {
        name: {"url": server.serve(f"/{name}", content), **unknown}
        for name, content in archives.items()
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the project whose downloads are this module's."""
    return copy_project(tmp_path_factory.mktemp("downloads"))


def split_of(project: Path, preset: str, sources: dict[str, dict], **data: object) -> Path:
    """Run the study of a preset as far as its split; return its folder."""
    study = Path(preset).stem
    own = {name: about for name, about in sources.items() if name.startswith(study)}
    config = write_config(project, f"{study}.yaml", data={"sources": own, **data}, **QUICK)
    table = f"results/{study}/recordings/split.csv"
    succeed(project, "--cores", "2", table, "--configfile", preset, config)
    return project / "results" / study


@pytest.fixture(scope="module")
def results(project, sources) -> Path:
    return split_of(project, MNIST_DVS, sources, scales=[8, 16], per_digit=ASKED_FOR)


def test_only_the_scales_and_symbols_asked_for_are_unpacked_and_split_by_symbol(results, server):
    asked = [name for name in server.asked if "mnist-dvs" in name]
    assert sorted(asked) == [f"/mnist-dvs/grabbed_data{digit}.zip" for digit in range(10)]
    root = results / "recordings/unpacked"
    assert {str(path.relative_to(root)) for path in root.rglob("*.aedat")} == {
        f"all/{digit}/mnist_{digit}_scale{scale}_{number:04d}.aedat"
        for digit in range(10)
        for scale in ("08", "16")
        for number in range(1, ASKED_FOR + 1)
    }
    split = pd.read_csv(results / "recordings/split.csv", dtype={"symbol": str})
    assert len(split) == 2 * 10 * ASKED_FOR
    assert (split.groupby("symbol")["split"].nunique() == 1).all()
    assert (split.groupby("symbol").size() == 2).all()


def test_archives_outlive_the_results_and_are_not_fetched_again(project, results, tmp_path):
    config = ("--configfile", MNIST_DVS, "mnist-dvs.yaml")
    assert not {"download", "check_archive", "split"} & planned(project, *config).keys()
    moved = tmp_path / "results"
    shutil.move(results, moved)
    try:
        jobs = planned(project, *config)
    finally:
        shutil.move(moved, results)
    assert "download" not in jobs
    assert jobs["check_archive"] == 10
    # Not even when Snakemake is told to delete all that it made.
    text = succeed(project, "--delete-all-output", "--dry-run", *config)
    assert "Would delete results/mnist-dvs" in text
    assert "grabbed_data0.zip\n" not in text


@pytest.fixture(scope="module")
def nmnist(project, sources) -> Path:
    return split_of(project, NMNIST, sources, per_digit=None)


def test_nmnist_is_split_as_its_archives_are(nmnist):
    split = pd.read_csv(nmnist / "recordings/split.csv")
    test = split[split["split"] == "test"]
    assert (test.groupby("label").size() == 3).all()
    assert test["file"].str.contains("unpacked/test/").all()
    assert (split.drop(test.index).groupby("label").size() == 14).all()
    assert split["label"].nunique() == test["label"].nunique() == 10


def test_an_archive_altered_by_hand_is_found_where_it_is_read(project, nmnist):
    path = project / "data/nmnist/Train.zip"
    config = ("--cores", "1", "--configfile", NMNIST, "nmnist.yaml")
    # With its old date: the receipt tells. With a new one: the record of its first download.
    write_unseen(path, path.read_bytes().replace(b"Train/7", b"Train/4", 1))
    unpacked = "results/nmnist/recordings/unpacked/train"
    (error,), _ = fail(project, "--force", unpacked, *config)
    assert "results/nmnist/archives/nmnist/Train.zip.json says" in error
    assert not (project / unpacked).exists()
    path.touch()
    (error,), _ = fail(project, *config)
    assert "Train.zip.sha256 recorded when it first came" in error
