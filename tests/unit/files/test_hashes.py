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


@pytest.mark.parametrize("damaged", ["frames.npy", ".frames.npy.sha256"])
def test_damage_is_told_in_one_sentence(sealed, damaged):
    path = sealed.parent / damaged
    path.write_bytes(b"\xff" + path.read_bytes()[1:])
    with pytest.raises(StudyError, match="altered or damaged since: delete it and run") as error:
        check([sealed])
    assert str(error.value).startswith(f"{sealed}: its sha256 is ")
    assert "\n" not in str(error.value)
    # A file that is written anew is not judged by its old record.
    unseal([sealed])
    check([sealed])


def test_what_no_job_recorded_is_not_checked(tmp_path):
    (tmp_path / "folder").mkdir()
    own = tmp_path / "mine.npz"
    own.write_bytes(b"events")
    seal([tmp_path / "folder", tmp_path / "missing"])
    check([own, tmp_path / "folder", tmp_path / "missing"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "mine.npz"]
