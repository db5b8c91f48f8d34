"""Which archives a study reads, and what is to be fetched and unpacked of them."""

from pathlib import Path

import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.sources.catalogue import Source
from dvs_snn.sources.study_archives import study_archives

NAMES = (
    "tutorial/train.zip", "tutorial/digits-videos.zip", "nmnist/Train.zip", "nmnist/Test.zip",
    "mnist-dvs/grabbed_data0.zip", "mnist-dvs/grabbed_data1.zip",
)  # fmt: skip
SOURCES = {name: Source(name, "http://127.0.0.1/", None, None, "") for name in NAMES}


def found(source: str, downloads: Path, folder: str | None = None, local: str | None = None):
    data = {"source": source, "folder": folder, "local": local, "downloads": str(downloads)}
    return study_archives(data, SOURCES)


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("tutorial", {}),
        ("nmnist", {"train": ("nmnist/Train.zip",), "test": ("nmnist/Test.zip",)}),
        ("mnist-dvs", {"all": ("mnist-dvs/grabbed_data0.zip", "mnist-dvs/grabbed_data1.zip")}),
    ],
)
def test_a_study_reads_the_archives_of_its_source(tmp_path, source, parts):
    archives = found(source, tmp_path)
    own = [name for name in NAMES if name.startswith(f"{source}/")]
    assert archives.places == {name: tmp_path / name for name in own}
    assert archives.missing == tuple(sorted(own))
    assert archives.parts == parts


@pytest.mark.parametrize(
    ("source", "folder"),
    [("simulated", None), ("folder", "x"), ("nmnist", "x"), ("mnist-dvs", "x")],
)
def test_recordings_that_are_made_or_unpacked_need_no_archive(tmp_path, source, folder):
    archives = found(source, tmp_path, folder)
    assert (archives.places, archives.missing, archives.parts) == ({}, (), {})


def test_what_is_there_is_not_missing(tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "Train.zip").write_bytes(b"")
    (tmp_path / "nmnist").mkdir()
    (tmp_path / "nmnist/Test.zip").write_bytes(b"")
    archives = found("nmnist", tmp_path, local=str(own))
    assert archives.missing == ()
    assert archives.places["nmnist/Train.zip"] == own / "Train.zip"
    assert archives.places["nmnist/Test.zip"] == tmp_path / "nmnist/Test.zip"


@pytest.mark.parametrize(("key", "named"), [("folder", "data.folder"), ("local", "data.local")])
def test_the_tutorials_folder_is_one_of_archives(tmp_path, key, named):
    own = tmp_path / "own"
    own.mkdir()
    with pytest.raises(StudyError, match=f"config key {named} is .*none of train.zip"):
        found("tutorial", tmp_path, **{key: str(own)})
    (own / "train.zip").write_bytes(b"")
    archives = found("tutorial", tmp_path, **{key: str(own)})
    assert archives.missing == ("tutorial/digits-videos.zip",)
