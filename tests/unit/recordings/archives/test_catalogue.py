"""The list of archives, where they are looked for, and their hashes, known or recorded."""

import csv
import hashlib
import json
import re
from pathlib import Path

import pytest
from jobs import quiet

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.archives.catalogue import (
    Archives,
    CheckArchiveJob,
    Source,
    check_archive,
    read_sources,
    study_archives,
)
from dvs_snn.settings.data import Data

TABLE = Path(__file__).parents[4] / "workflow/data/sources.tsv"
TUTORIAL = ["tutorial/train.zip", "tutorial/digits-videos.zip"]


def test_the_list_of_sources_is_complete_and_a_user_overrides_it():
    sources = read_sources(TABLE, {})
    digits = [f"mnist-dvs/grabbed_data{digit}.zip" for digit in range(10)]
    assert sorted(sources) == sorted([*TUTORIAL, *digits, "nmnist/Train.zip", "nmnist/Test.zip"])
    with open(TABLE, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            assert re.match(r"https?://\S+$", row["url"]), row
            assert re.fullmatch(r"[0-9a-f]{64}|", row["sha256"]), row
            assert row["licence"], row
    changes = {"url": "http://127.0.0.1/x", "bytes": None, "sha256": "AB" * 32}
    changed = read_sources(TABLE, {digits[3]: changes})[digits[3]]
    assert (changed.url, changed.n_bytes, changed.sha256) == (changes["url"], None, "ab" * 32)
    # Another address serves the same bytes: what isn't overridden stays.
    moved = read_sources(TABLE, {digits[3]: {"url": "http://127.0.0.1/x"}})
    assert moved[digits[3]].sha256 == sources[digits[3]].sha256
    assert moved[digits[4]] == sources[digits[4]]


def test_an_override_of_nothing_and_an_address_that_is_none_are_told():
    with pytest.raises(StudyError, match=r"sources\.nmnist/train\.zip .* 'nmnist/Train\.zip'"):
        read_sources(TABLE, {"nmnist/train.zip": {}})
    for url in ("ftp://127.0.0.1/x", "http:///x"):
        with pytest.raises(StudyError, match="expected an http or https address"):
            read_sources(TABLE, {"nmnist/Train.zip": {"url": url}})
    with pytest.raises(StudyError, match=r"password for 127\.0\.0\.1; put them into") as error:
        read_sources(TABLE, {"nmnist/Train.zip": {"url": "https://me:secret@127.0.0.1/x"}})
    assert "secret" not in str(error.value)


NAMES = (*TUTORIAL, "nmnist/Train.zip", "nmnist/Test.zip", "mnist-dvs/grabbed_data0.zip")
SOURCES = {name: Source(name, "http://127.0.0.1/", None, None, "") for name in NAMES}


def archives_of(source: str, downloads: Path, **mine: Path) -> Archives:
    mine = {key: str(path) for key, path in mine.items()}
    data = Data(source=source, downloads=str(downloads), **mine)
    return study_archives(data, SOURCES, with_twins=False)


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("tutorial", {}),
        ("nmnist", {"train": ("nmnist/Train.zip",), "test": ("nmnist/Test.zip",)}),
        ("mnist-dvs", {"all": ("mnist-dvs/grabbed_data0.zip",)}),
        ("simulated", {}),
    ],
)
def test_a_study_reads_the_archives_of_its_source(tmp_path, source, parts):
    archives = archives_of(source, tmp_path)
    names = [name for name in NAMES if name.startswith(f"{source}/")]
    assert archives.places == {name: tmp_path / name for name in names}
    assert archives.missing == tuple(sorted(names))
    assert archives.parts == parts
    # What is unpacked already needs no archive.
    if parts:
        assert archives_of(source, tmp_path, folder=tmp_path) == Archives()


def test_a_simulated_study_reads_its_twins_archive_alone(tmp_path):
    (tmp_path / "Train.zip").write_bytes(b"")
    data = Data(source="simulated", local=str(tmp_path))
    archives = study_archives(data, SOURCES, with_twins=True)
    assert archives.places == {"nmnist/Train.zip": tmp_path / "Train.zip"}
    assert archives.parts == {"twins": ("nmnist/Train.zip",)}
    assert archives.missing == ()


@pytest.mark.parametrize("place", ["Train.zip", "nmnist/Train.zip"])
def test_archives_are_looked_for_in_ones_own_folder_first(tmp_path, place):
    local, downloads = tmp_path / "local", tmp_path / "data"
    for path in (local / place, downloads / "nmnist/Test.zip"):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
    # A user's file is taken for the archive of its name.
    for mine in (local, local / place):
        archives = archives_of("nmnist", downloads, local=mine)
        test = downloads / "nmnist/Test.zip"
        assert archives.places == {"nmnist/Train.zip": local / place, "nmnist/Test.zip": test}
        assert archives.missing == ()


def test_the_tutorials_folder_is_one_of_archives(tmp_path):
    with pytest.raises(StudyError, match="config key data.folder is .*none of train.zip"):
        archives_of("tutorial", tmp_path / "data", folder=tmp_path)
    (tmp_path / "train.zip").write_bytes(b"")
    archives = archives_of("tutorial", tmp_path / "data", folder=tmp_path)
    assert archives.missing == ("tutorial/digits-videos.zip",)


CONTENT = b"PK\x03\x04 or so"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "data/nmnist/Train.zip"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    return path


def checked(archive: Path, n_bytes=None, sha256=None) -> dict:
    """Check the archive; return its receipt, which a wrong one doesn't get."""
    downloads = archive.parents[1]
    receipt = downloads.with_name("receipt.json")
    receipt.unlink(missing_ok=True)
    source = Source("nmnist/Train.zip", "http://127.0.0.1/Train.zip", n_bytes, sha256, "CC BY-SA")
    try:
        check_archive(CheckArchiveJob(source, archive, downloads, receipt), quiet())
    except StudyError:
        assert not receipt.exists()
        raise
    return json.loads(receipt.read_text())


def test_a_hash_that_nobody_knew_is_recorded_and_expected_ever_after(archive):
    assert checked(archive) == {
        "name": "nmnist/Train.zip", "sha256": SHA256, "bytes": len(CONTENT),
        "hash": "recorded, not known beforehand", "url": "http://127.0.0.1/Train.zip",
        "licence": "CC BY-SA",
    }  # fmt: skip
    # As sha256sum writes it.
    record = archive.with_name("Train.zip.sha256")
    assert record.read_text() == f"{SHA256}  Train.zip\n"
    archive.write_bytes(CONTENT + b".")
    with pytest.raises(StudyError, match=rf"and '{SHA256}', .* delete .*Train\.zip\.sha256"):
        checked(archive)
    record.unlink()
    assert checked(archive)["sha256"] != SHA256
    record.write_text("ab  Train.zip\n")
    with pytest.raises(StudyError, match=r"and '', .* delete .*Train\.zip\.sha256"):
        checked(archive)


def test_what_is_known_beforehand_is_checked_and_not_recorded(archive):
    assert checked(archive, len(CONTENT), SHA256)["hash"] == "known beforehand"
    assert not archive.with_name("Train.zip.sha256").exists()
    for wrong, expected in (
        ({"sha256": "0" * 64}, "and '0000"),
        ({"n_bytes": 7}, "expected 7 and"),
    ):
        with pytest.raises(StudyError, match=expected):
            checked(archive, **wrong)
