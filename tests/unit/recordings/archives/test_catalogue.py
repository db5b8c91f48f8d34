"""The list of archives, what the user says instead, and where archives are looked for."""

import csv
import re
from pathlib import Path

import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.archives.catalogue import Source, read_sources, study_archives

TABLE = Path(__file__).parents[4] / "workflow/data/sources.tsv"
TUTORIAL = ["tutorial/train.zip", "tutorial/digits-videos.zip"]


def test_the_list_of_sources_is_complete():
    sources = read_sources(TABLE, {})
    digits = [f"mnist-dvs/grabbed_data{digit}.zip" for digit in range(10)]
    nmnist = ["nmnist/Train.zip", "nmnist/Test.zip"]
    assert sorted(sources) == sorted([*TUTORIAL, *digits, *nmnist])
    with open(TABLE, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            assert re.match(r"https?://\S+$", row["url"]), row
            assert re.fullmatch(r"[0-9a-f]{64}|", row["sha256"]), row
            assert re.fullmatch(r"[1-9]\d*|", row["bytes"]), row
            assert row["licence"], row
            assert row["note"], row
    assert len({source.url for source in sources.values()}) == 14


def test_a_user_overrides_what_the_list_says():
    own = {"url": "http://127.0.0.1/x", "bytes": None, "sha256": "AB" * 32}
    sources = read_sources(TABLE, {"mnist-dvs/grabbed_data3.zip": own})
    changed = sources["mnist-dvs/grabbed_data3.zip"]
    assert (changed.url, changed.n_bytes, changed.sha256) == (own["url"], None, "ab" * 32)
    assert changed.licence
    assert sources["mnist-dvs/grabbed_data4.zip"].n_bytes == 491_628_272
    # Another address serves the same bytes: what isn't overridden stays.
    moved = read_sources(TABLE, {"mnist-dvs/grabbed_data3.zip": {"url": "http://127.0.0.1/x"}})
    assert moved["mnist-dvs/grabbed_data3.zip"].sha256.startswith("82b120d0")


def test_an_override_of_nothing_and_an_address_that_is_none_are_told():
    with pytest.raises(StudyError, match=r"sources\.nmnist/train\.zip .* 'nmnist/Train\.zip'"):
        read_sources(TABLE, {"nmnist/train.zip": {}})
    for url in ("ftp://127.0.0.1/x", "train.zip", "http://[::1/x"):
        with pytest.raises(StudyError, match="expected an http or https address"):
            read_sources(TABLE, {"nmnist/Train.zip": {"url": url}})
    with pytest.raises(StudyError, match=r"password for 127\.0\.0\.1; put them into") as error:
        read_sources(TABLE, {"nmnist/Train.zip": {"url": "https://me:secret@127.0.0.1/x"}})
    assert "secret" not in str(error.value)


# --- What a study reads. ---


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


def test_recordings_that_are_made_or_unpacked_need_no_archive(tmp_path):
    for source, folder in (("simulated", None), ("folder", "x"), ("mnist-dvs", "x")):
        archives = found(source, tmp_path, folder)
        assert (archives.places, archives.missing, archives.parts) == ({}, (), {})


@pytest.mark.parametrize("place", ["Train.zip", "nmnist/Train.zip"])
def test_archives_are_looked_for_in_ones_own_folder_first(tmp_path, place):
    local, downloads = tmp_path / "local", tmp_path / "data"
    for path in (local / place, downloads / "nmnist/Test.zip"):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
    expected = {
        "nmnist/Train.zip": local / place, "nmnist/Test.zip": downloads / "nmnist/Test.zip"
    }  # fmt: skip
    # One's own file is taken for the archive of its name.
    for own in (local, local / place):
        archives = found("nmnist", downloads, local=str(own))
        assert archives.places == expected
        assert archives.missing == ()


@pytest.mark.parametrize(("key", "named"), [("folder", "data.folder"), ("local", "data.local")])
def test_the_tutorials_folder_is_one_of_archives(tmp_path, key, named):
    own = tmp_path / "own"
    own.mkdir()
    with pytest.raises(StudyError, match=f"config key {named} is .*none of train.zip"):
        found("tutorial", tmp_path, **{key: str(own)})
    (own / "train.zip").write_bytes(b"")
    archives = found("tutorial", tmp_path, **{key: str(own)})
    assert archives.missing == ("tutorial/digits-videos.zip",)
