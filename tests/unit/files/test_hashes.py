"""A file that was changed after its job is found by its hash, where it is read."""

import hashlib
import subprocess

import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import check, recorded_sha256, seal, unseal


@pytest.fixture
def sealed(tmp_path):
    path = tmp_path / "frames.npy"
    path.write_bytes(b"pixels" * 100)
    seal([path])
    return path


def test_the_record_is_one_that_sha256sum_reads(sealed):
    assert recorded_sha256(sealed) == hashlib.sha256(b"pixels" * 100).hexdigest()
    done = subprocess.run(
        ["sha256sum", "--check", ".frames.npy.sha256"], cwd=sealed.parent, capture_output=True
    )
    assert done.returncode == 0
    check([sealed, str(sealed)])


def _altered(data: bytes) -> bytes:
    return data[:50] + b"X" + data[51:]


@pytest.mark.parametrize(
    "damage",
    [_altered, lambda data: data[:-1], lambda data: b"", lambda data: data + b"\n"],
    ids=["altered", "truncated", "emptied", "lengthened"],
)
def test_damage_is_told_in_one_sentence(sealed, damage):
    sealed.write_bytes(damage(sealed.read_bytes()))
    with pytest.raises(StudyError, match="altered or damaged since: delete it and run") as error:
        check([sealed])
    assert str(error.value).startswith(f"{sealed}: its sha256 is ")
    assert "\n" not in str(error.value)


def test_a_record_that_is_damaged_itself_is_damage(sealed):
    (sealed.parent / ".frames.npy.sha256").write_bytes(b"\xff")
    with pytest.raises(StudyError, match="frames.npy: its sha256 is "):
        check([sealed])


def test_what_no_job_recorded_is_not_checked(tmp_path):
    (tmp_path / "folder").mkdir()
    own = tmp_path / "mine.npz"
    own.write_bytes(b"events")
    seal([tmp_path / "folder", tmp_path / "missing"])
    check([own, tmp_path / "folder", tmp_path / "missing"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "mine.npz"]


def test_a_file_that_is_written_anew_is_not_judged_by_its_old_record(sealed):
    unseal([sealed])
    sealed.write_bytes(b"new")
    check([sealed])
    seal([sealed])
    check([sealed])
