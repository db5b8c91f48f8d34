"""Archives against the hash that is known, or that was recorded at first sight."""

import hashlib
import json

import pytest
from jobs import quiet

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.archives.catalogue import KNOWN, RECORDED, Source, verified, write_receipt

CONTENT = b"PK\x03\x04 or so"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def _source(n_bytes=None, sha256=None) -> Source:
    return Source("nmnist/Train.zip", "http://127.0.0.1/Train.zip", n_bytes, sha256, "CC BY-SA")


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "data/nmnist/Train.zip"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    return path


def _check(source, archive, tmp_path):
    write_receipt(source, archive, tmp_path / "data", tmp_path / "receipt.json", quiet())
    return json.loads((tmp_path / "receipt.json").read_text())


def test_a_hash_that_nobody_knew_is_recorded_and_expected_ever_after(archive, tmp_path):
    receipt = _check(_source(), archive, tmp_path)
    assert receipt == {
        "name": "nmnist/Train.zip", "sha256": SHA256, "bytes": len(CONTENT), "hash": RECORDED,
        "url": "http://127.0.0.1/Train.zip", "licence": "CC BY-SA",
    }  # fmt: skip
    (tmp_path / "receipt.json").unlink()
    # As sha256sum writes it.
    record = archive.with_name("Train.zip.sha256")
    assert record.read_text() == f"{SHA256}  Train.zip\n"
    archive.write_bytes(CONTENT + b".")
    with pytest.raises(StudyError, match=rf"expected {SHA256} as .*Train\.zip\.sha256 recorded"):
        _check(_source(), archive, tmp_path)
    assert not (tmp_path / "receipt.json").exists()
    record.unlink()
    assert _check(_source(), archive, tmp_path)["sha256"] != SHA256


def test_what_is_known_beforehand_is_checked_and_not_recorded(archive, tmp_path):
    assert _check(_source(len(CONTENT), SHA256), archive, tmp_path)["hash"] == KNOWN
    assert not archive.with_name("Train.zip.sha256").exists()
    with pytest.raises(StudyError, match=rf"sha256 {SHA256}, expected 000.*list of sources says"):
        _check(_source(sha256="0" * 64), archive, tmp_path)
    with pytest.raises(StudyError, match=f"has {len(CONTENT)} bytes, expected 7 as the list"):
        _check(_source(n_bytes=7), archive, tmp_path)
    archive.with_name("Train.zip.sha256").write_text("ab  Train.zip\n")
    with pytest.raises(StudyError, match=r"Train\.zip\.sha256: holds no hash"):
        _check(_source(), archive, tmp_path)


def test_a_reader_finds_an_archive_that_changed_after_its_check(archive, tmp_path):
    receipt = tmp_path / "receipt.json"
    write_receipt(_source(), archive, tmp_path / "data", receipt, quiet())
    assert verified(archive, receipt) == archive
    archive.write_bytes(CONTENT[:-1])
    with pytest.raises(StudyError, match=rf"expected {SHA256} as .*receipt\.json says"):
        verified(archive, receipt)


def test_a_folder_that_takes_no_record_is_told(archive, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StudyError, match=f"can't be recorded there .*sha256 to {SHA256}"):
        write_receipt(_source(), archive, tmp_path / "file", tmp_path / "receipt.json", quiet())
    assert not (tmp_path / "receipt.json").exists()
