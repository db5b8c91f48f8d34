"""The tutorial's archives: untrusted, perhaps damaged, unpacked whole or not at all."""

import stat
import zipfile
from pathlib import Path

import pytest

from dvs_snn import archives
from dvs_snn.archives import unpack_frames, unpack_member
from dvs_snn.errors import StudyError


def _zip(path: Path, members: dict[str, bytes], compression=zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _refused(call, *arguments) -> str:
    with pytest.raises(StudyError) as error:
        call(*arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_member_is_unpacked_wherever_it_lies(tmp_path):
    path = _zip(tmp_path / "a.zip", {"deep/er/A.npz": b"12", "deep/er/B.npz": b"3"})
    target = tmp_path / "out" / "A.npz"
    unpack_member(path, "A.npz", target)
    assert target.read_bytes() == b"12"
    assert _left(tmp_path / "out") == ["A.npz"]


def test_what_macos_adds_is_not_taken_for_the_member(tmp_path):
    members = {"v/A.npz": b"12", "__MACOSX/v/A.npz": b"junk"}
    unpack_member(_zip(tmp_path / "a.zip", members), "A.npz", tmp_path / "A.npz")
    assert (tmp_path / "A.npz").read_bytes() == b"12"


@pytest.mark.parametrize(
    ("members", "n"), [({"B.npz": b""}, 0), ({"x/A.npz": b"1", "y/A.npz": b"2"}, 2)]
)
def test_a_member_that_is_missing_or_there_twice_is_told(tmp_path, members, n):
    path = _zip(tmp_path / "a.zip", members)
    message = _refused(unpack_member, path, "A.npz", tmp_path / "out" / "A.npz")
    assert f"holds {n} members called 'A.npz', expected one" in message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "name", ["../evil.png", "/evil.png", "0/../../evil.png", "..\\evil.png", "C:/evil.png"]
)
def test_a_member_that_leads_out_is_never_unpacked(tmp_path, name):
    path = _zip(tmp_path / "a.zip", {"0/a.png": b"1", name: b"2", "A.npz": b"3"})
    inside = tmp_path / "in" / "side"
    for call, *rest in ((unpack_frames, inside), (unpack_member, "A.npz", inside / "A.npz")):
        assert "isn't safe" in _refused(call, path, *rest)
    assert _left(tmp_path) == ["a.zip"]


def test_a_link_is_never_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("0/a.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/hosts")
    message = _refused(unpack_frames, tmp_path / "a.zip", tmp_path / "out")
    assert "is a link" in message
    assert not (tmp_path / "out").exists()


def test_too_many_or_too_large_members_are_refused(tmp_path, monkeypatch):
    path = _zip(tmp_path / "a.zip", {"0/a.png": b"1" * 100, "0/b.png": b"2" * 100})
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 99)
    assert "unpacks to 100 bytes" in _refused(unpack_frames, path, tmp_path / "out")
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 199)
    assert "2 members of 200 bytes" in _refused(unpack_frames, path, tmp_path / "out")
    monkeypatch.undo()
    monkeypatch.setattr(archives, "MAX_MEMBERS", 1)
    assert "2 members" in _refused(unpack_frames, path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_member_never_writes_more_than_its_header_announces(tmp_path):
    packed = _zip(tmp_path / "a.zip", {"A.npz": b"0" * 5000}, zipfile.ZIP_DEFLATED).read_bytes()
    true, false = (5000).to_bytes(4, "little"), (50).to_bytes(4, "little")
    assert packed.count(true) == 2
    (tmp_path / "a.zip").write_bytes(packed.replace(true, false))
    target = tmp_path / "out" / "A.npz"
    assert "is not a whole ZIP archive" in _refused(
        unpack_member, tmp_path / "a.zip", "A.npz", target
    )
    assert _left(tmp_path) == ["a.zip"]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_archive_is_told(tmp_path, share):
    path = _zip(tmp_path / "a.zip", {"A.npz": bytes(range(256)) * 40})
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    message = _refused(unpack_member, path, "A.npz", tmp_path / "A.npz")
    assert str(path) in message
    assert "is not a whole ZIP archive" in message
    assert _left(tmp_path) == ["a.zip"]


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("place", [0, 40, 60, 100])
def test_flipped_bytes_are_told(tmp_path, compression, place):
    content = bytes(range(256)) * 4
    path = _zip(tmp_path / "a.zip", {"A.npz": content}, compression)
    damaged = bytearray(path.read_bytes())
    damaged[place] ^= 0xFF
    path.write_bytes(damaged)
    assert "is not a whole ZIP archive" in _refused(
        unpack_member, path, "A.npz", tmp_path / "A.npz"
    )
    assert _left(tmp_path) == ["a.zip"]


def test_a_stream_that_is_no_deflate_stream_is_told(tmp_path):
    path = _zip(tmp_path / "a.zip", {"A.npz": b"1234" * 100}, zipfile.ZIP_DEFLATED)
    damaged = bytearray(path.read_bytes())
    damaged[30 + len("A.npz")] = 0xFF  # A reserved type of block.
    path.write_bytes(damaged)
    assert "is not a whole ZIP archive" in _refused(
        unpack_member, path, "A.npz", tmp_path / "A.npz"
    )
    assert _left(tmp_path) == ["a.zip"]


def test_an_encrypted_member_is_told(tmp_path):
    path = _zip(tmp_path / "a.zip", {"A.npz": b"1234"})
    marked = bytearray(path.read_bytes())
    # The flag bits of the local header and of the central directory.
    marked[6] |= 1
    marked[marked.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(marked)
    assert "encrypted" in _refused(unpack_member, path, "A.npz", tmp_path / "A.npz")


def test_no_archive_is_told(tmp_path):
    message = _refused(unpack_member, tmp_path / "no.zip", "A.npz", tmp_path / "A.npz")
    assert "no such file" in message


def test_frames_are_unpacked_below_their_digit_folders(tmp_path):
    members = {
        "train/0/a.png": b"1", "train/9/b.PNG": b"2", "train/9/c.png": b"3",
        "train/readme.txt": b"", "__MACOSX/train/0/a.png": b"junk",
    }  # fmt: skip
    root = unpack_frames(_zip(tmp_path / "train.zip", members), tmp_path / "out")
    assert root == tmp_path / "out" / "train"
    assert sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()) == [
        "0/a.png", "9/b.PNG", "9/c.png"
    ]  # fmt: skip


@pytest.mark.parametrize("members", [{"readme.txt": b""}, {"a/0/x.png": b"", "b/0/x.png": b""}])
def test_frames_without_one_folder_of_digits_are_told(tmp_path, members):
    path = _zip(tmp_path / "train.zip", members)
    assert "expected one folder" in _refused(unpack_frames, path, tmp_path / "out")
