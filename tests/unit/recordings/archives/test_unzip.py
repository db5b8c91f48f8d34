"""Archives are untrusted and perhaps damaged; members are checked before one is unpacked."""

import stat
import zipfile
from pathlib import Path

import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.archives import unpack as archives
from dvs_snn.recordings.archives.tutorial import unpack_frames
from dvs_snn.recordings.archives.unpack import unpack_chosen, unpack_member


def _zip(path: Path, members: dict[str, bytes], compression=zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _refused(call, path: Path, *arguments) -> str:
    """Fail to unpack; return the one sentence. No file is left beside the archive."""
    with pytest.raises(StudyError) as error:
        call(path, *arguments)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)
    left = [file for file in path.parent.rglob("*") if file.is_file()]
    assert left == ([path] if path.exists() else [])
    return str(error.value)


def _left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_member_is_unpacked_wherever_it_lies(tmp_path):
    # So well packed a small member is no bomb.
    content = bytes(2**19)
    members = {"deep/er/A.npz": content, "B.npz": b"3", "__MACOSX/deep/er/A.npz": b"junk"}
    target = tmp_path / "out" / "A.npz"
    unpack_member(_zip(tmp_path / "a.zip", members, zipfile.ZIP_DEFLATED), target)
    assert target.read_bytes() == content
    assert _left(tmp_path / "out") == ["A.npz"]


@pytest.mark.parametrize(
    ("members", "n"), [({"B.npz": b""}, 0), ({"x/A.npz": b"1", "y/A.npz": b"2"}, 2)]
)
def test_a_member_that_is_missing_or_there_twice_is_told(tmp_path, members, n):
    path = _zip(tmp_path / "a.zip", members)
    told = _refused(unpack_member, path, tmp_path / "A.npz")
    assert f"holds {n} members called 'A.npz', expected one" in told


def test_frames_are_unpacked_below_their_digit_folders(tmp_path):
    members = {
        "train/0/a.png": b"1", "train/9/b.PNG": b"2", "train/9/c.png": b"3",
        "train/readme.txt": b"", "__MACOSX/train/0/a.png": b"junk",
    }  # fmt: skip
    root = unpack_frames(_zip(tmp_path / "train.zip", members), tmp_path / "out")
    assert root == tmp_path / "out" / "train"
    assert _left(root) == ["0/a.png", "9/b.PNG", "9/c.png"]


def test_frames_without_one_folder_of_digits_are_told(tmp_path):
    for names in (["readme.txt"], ["a/0/x.png", "b/0/x.png"], ["x.png"]):
        path = _zip(tmp_path / "train.zip", dict.fromkeys(names, b""))
        with pytest.raises(StudyError, match="expected one folder"):
            unpack_frames(path, tmp_path / "out")


@pytest.mark.parametrize("name", ["../evil.png", "/evil.png", "0/../../evil.png", "..\\evil.png"])
def test_a_member_that_leads_out_is_never_unpacked(tmp_path, name):
    path = _zip(tmp_path / "a.zip", {"0/a.png": b"1", name: b"2", "A.npz": b"3"})
    inside = tmp_path / "in" / "side"
    for call, *rest in ((unpack_frames, inside), (unpack_member, inside / "A.npz")):
        assert "leads out of the archive's folder" in _refused(call, path, *rest)


def test_a_link_is_unpacked_as_the_text_that_it_holds(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("0/a.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/hosts")
    (only,) = unpack_chosen(tmp_path / "a.zip", lambda _: {"0/a.png": "a.png"}, tmp_path)
    assert not only.is_symlink()
    assert only.read_text() == "/etc/hosts"


def test_an_archive_that_unpacks_to_too_much_is_refused_before_a_byte_is(tmp_path, monkeypatch):
    squeezed = {f"{number}.npz": bytes(2**20) for number in range(40)}
    path = _zip(tmp_path / "a.zip", squeezed, zipfile.ZIP_DEFLATED)
    told = _refused(unpack_member, path, tmp_path / "1.npz")
    assert f"to {40 * 2**20} bytes, expected at most {200 * path.stat().st_size}" in told
    _zip(path, {"0/a.png": b"1" * 100, "0/b.png": b"2" * 100})
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 199)
    assert "to 200 bytes, expected at most 199" in _refused(unpack_frames, path, tmp_path / "out")


def test_a_member_never_writes_more_than_its_header_announces(tmp_path):
    path = _zip(tmp_path / "a.zip", {"A.npz": b"0" * 5000}, zipfile.ZIP_DEFLATED)
    true, false = (5000).to_bytes(4, "little"), (50).to_bytes(4, "little")
    assert path.read_bytes().count(true) == 2
    path.write_bytes(path.read_bytes().replace(true, false))
    assert "can't be unpacked" in _refused(unpack_member, path, tmp_path / "A.npz")


def _cut(content: bytes) -> bytes:
    return content[: len(content) * 9 // 10]


def _flipped(content: bytes) -> bytes:
    return content[:60] + bytes([content[60] ^ 0xFF]) + content[61:]


def _encrypted(content: bytes) -> bytes:
    """Set the flag bits of the local header and of the central directory."""
    marked = bytearray(content)
    marked[6] |= 1
    marked[marked.index(b"PK\x01\x02") + 8] |= 1
    return bytes(marked)


@pytest.mark.parametrize("damage", [_cut, _flipped, _encrypted, lambda _: b""])
def test_a_damaged_or_encrypted_archive_is_told(tmp_path, damage):
    path = _zip(tmp_path / "a.zip", {"A.npz": bytes(range(256)) * 4}, zipfile.ZIP_DEFLATED)
    path.write_bytes(damage(path.read_bytes()))
    told = _refused(unpack_member, path, tmp_path / "A.npz")
    assert "expected a whole ZIP archive without a password" in told


def test_an_odd_compression_is_told(tmp_path):
    path = _zip(tmp_path / "a.zip", {"A.npz": b"1"}, zipfile.ZIP_BZIP2)
    told = _refused(unpack_member, path, tmp_path / "A.npz")
    assert "packed by method 12, expected 0 (stored) or 8 (deflated)" in told
