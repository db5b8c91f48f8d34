"""A file that was changed after its job is found by its hash, where it is read."""

import hashlib
import subprocess

import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import check, recorded_sha256, seal, unseal

RECORD = "work/hashes/work/frames/frames.npy.sha256"


@pytest.fixture
def sealed(tmp_path):
    path = tmp_path / "results/mine/work/frames/frames.npy"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"pixels" * 100)
    seal([path])
    return path


def test_the_record_is_one_that_sha256sum_reads(sealed):
    assert recorded_sha256(sealed) == hashlib.sha256(b"pixels" * 100).hexdigest()
    done = subprocess.run(["sha256sum", "--check", sealed.parents[2] / RECORD], capture_output=True)
    assert done.returncode == 0
    check([sealed, str(sealed)])


@pytest.mark.parametrize("damaged", ["work/frames/frames.npy", RECORD])
def test_damage_is_told_in_one_sentence(sealed, damaged):
    path = sealed.parents[2] / damaged
    path.write_bytes(b"\xff" + path.read_bytes()[1:])
    with pytest.raises(StudyError, match="altered or damaged since: delete it and run") as error:
        check([sealed])
    assert str(error.value).startswith(f"{sealed}: its sha256 is ")
    assert "\n" not in str(error.value)
    # A file that is written anew is not judged by its old record.
    unseal([sealed])
    check([sealed])


def test_what_no_job_recorded_is_not_checked(tmp_path):
    study, own = tmp_path / "results/mine", tmp_path / "mine.npz"
    (study / "folder").mkdir(parents=True)
    own.write_bytes(b"events")
    # A file outside of all studies has no record either.
    seal([study / "folder", study / "missing", own])
    check([own, study / "folder", study / "missing"])
    unseal([own, study / "missing"])
    assert [path.name for path in study.iterdir()] == ["folder"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.npz", "results"]
