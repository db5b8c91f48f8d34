"""Archives are untrusted, so members are checked first; which recordings they give, and where."""

import stat
import zipfile
from pathlib import Path

import pytest
from jobs import quiet

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.archives import unpack
from dvs_snn.recordings.archives.tutorial_archives import unpack_frames
from dvs_snn.recordings.archives.unpack import (
    UnpackRecordingsJob,
    choose_recordings,
    unpack_chosen,
    unpack_member,
    unpack_recordings,
)
from dvs_snn.recordings.folders.folder import list_folder

PATH = Path("grabbed_data3.zip")


def _mnist_dvs(digit: int, numbers, scales=(4, 8, 16)) -> list[str]:
    return [
        f"grabbed_data{digit}/scale{scale}/mnist_{digit}_scale{scale:02d}_{number:04d}.aedat"
        for scale in scales
        for number in numbers
    ]


def test_mnist_dvs_is_chosen_by_scale_and_number():
    numbers = [9, 2, 4, 1, 7, 3, 1000]
    for scales, per_digit in (([16], 1), ([4, 8, 16], None)):
        chosen = choose_recordings(_mnist_dvs(3, numbers), PATH, scales, per_digit)
        names = _mnist_dvs(3, sorted(numbers)[:per_digit], scales)
        assert chosen == {name: f"3/{Path(name).name}" for name in names}
    # A symbol that lacks a scale is passed over.
    members = [*_mnist_dvs(3, [1, 2, 3]), *_mnist_dvs(3, [4], [16])]
    members.remove("grabbed_data3/scale8/mnist_3_scale08_0001.aedat")
    assert {*choose_recordings(members, PATH, [8, 16], 2)} == {*_mnist_dvs(3, [2, 3], [8, 16])}
    for scale, expected in ((8, "holds 3 symbols of digit 3, expected the 4"), (32, "scale32_NN")):
        with pytest.raises(StudyError, match=expected):
            choose_recordings(_mnist_dvs(3, [1, 2, 3]), PATH, [scale], 4)


def test_nmnist_is_chosen_by_number():
    members = ["Train/"] + [f"Train/{d}/{k:05d}.bin" for d in range(10) for k in (12, 3, 40)]
    assert len(choose_recordings(members, PATH, None, None)) == 30
    chosen = choose_recordings(members, PATH, None, 2)
    assert sorted(chosen.values()) == [f"{d}/{k:05d}.bin" for d in range(10) for k in (3, 12)]
    assert chosen["Train/7/00003.bin"] == "7/00003.bin"
    chosen = choose_recordings(members, PATH, None, None, largest=12)
    assert sorted(chosen.values()) == [f"{d}/{k:05d}.bin" for d in range(10) for k in (3, 12)]
    with pytest.raises(StudyError, match="holds no recording 9/NNNNN.bin"):
        choose_recordings([name for name in members if "/9/" not in name], PATH, None, None)


def _archive(folder: Path, digit: int, members: list[str]) -> Path:
    path = folder / f"grabbed_data{digit}.zip"
    return _zip(path, {name: name.encode() for name in members})


def test_recordings_are_unpacked_as_a_folder_of_digits(tmp_path):
    archives = [_archive(tmp_path, digit, _mnist_dvs(digit, [5, 6, 7])) for digit in (2, 3)]
    folder = tmp_path / "out/all"
    unpack_recordings(UnpackRecordingsJob(archives, [8], 2, None, folder), quiet())
    files = list_folder(folder)
    assert [file.symbol for file in files] == ["2/0005", "2/0006", "3/0005", "3/0006"]
    assert files[0].path.read_text() == "grabbed_data2/scale8/mnist_2_scale08_0005.aedat"
    assert [path.name for path in folder.parent.iterdir()] == ["all"]


def test_no_half_folder_is_left(tmp_path):
    good = _archive(tmp_path, 2, _mnist_dvs(2, [5, 6]))
    bad = _archive(tmp_path, 3, [*_mnist_dvs(3, [5, 6]), "../evil"])
    folder = tmp_path / "out/all"
    with pytest.raises(StudyError, match=r"grabbed_data3\.zip"):
        unpack_recordings(UnpackRecordingsJob([good, bad], [8], None, None, folder), quiet())
    assert list(folder.parent.iterdir()) == []
    assert not (tmp_path / "evil").exists()


def _zip(path: Path, members: dict[str, bytes], compression=zipfile.ZIP_STORED) -> Path:
    path.parent.mkdir(exist_ok=True)
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
    assert _left(path.parent) == [path.name]
    return str(error.value)


def _left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_one_member_is_unpacked_wherever_it_lies(tmp_path):
    content = bytes(2**19)
    members = {"deep/er/A.npz": content, "B.npz": b"3", "__MACOSX/deep/er/A.npz": b"junk"}
    target = tmp_path / "out" / "A.npz"
    unpack_member(_zip(tmp_path / "a.zip", members, zipfile.ZIP_DEFLATED), target)
    assert target.read_bytes() == content
    assert _left(tmp_path / "out") == ["A.npz"]
    for names in ({}, {"x/A.npz": b"1", "y/A.npz": b"2"}):
        path = _zip(tmp_path / "none" / "a.zip", {"B.npz": b""} | names)
        sentence = _refused(unpack_member, path, path.with_name("A.npz"))
        assert f"holds {len(names)} members called 'A.npz', expected one" in sentence


def test_frames_are_unpacked_below_their_one_folder_of_digits(tmp_path):
    pngs = {f"train/{digit}/a.png": b"1" for digit in range(10)} | {"train/9/b.PNG": b"2"}
    junk = {"train/readme.txt": b"", "__MACOSX/train/0/a.png": b"junk"}
    root = unpack_frames(_zip(tmp_path / "train.zip", pngs | junk), tmp_path / "out")
    assert root == tmp_path / "out" / "train"
    assert _left(root) == [*(f"{digit}/a.png" for digit in range(10)), "9/b.PNG"]
    for names in (["readme.txt"], ["a/0/x.png", "b/0/x.png"], ["x.png"]):
        path = _zip(tmp_path / "train.zip", dict.fromkeys(names, b""))
        with pytest.raises(StudyError, match="expected the digits 0 to 9"):
            unpack_frames(path, tmp_path / "out")


@pytest.mark.parametrize("name", ["../evil.png", "/evil.png", "..\\evil.png"])
def test_a_member_that_leads_out_is_never_unpacked(tmp_path, name):
    path = _zip(tmp_path / "a.zip", {"0/a.png": b"1", name: b"2", "A.npz": b"3"})
    inside = tmp_path / "in" / "side"
    for call, *rest in ((unpack_frames, inside), (unpack_member, inside / "A.npz")):
        assert "leads out of the archive's folder" in _refused(call, path, *rest)


def test_a_link_is_unpacked_as_the_text_that_it_holds(tmp_path):
    link = zipfile.ZipInfo("0/a.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = _zip(tmp_path / "a.zip", {link: b"/etc/hosts"})
    (only,) = unpack_chosen(path, lambda _: {"0/a.png": "a.png"}, tmp_path)
    assert not only.is_symlink()
    assert only.read_text() == "/etc/hosts"


def test_an_archive_that_unpacks_to_too_much_is_refused_before_a_byte_is(tmp_path, monkeypatch):
    squeezed = {f"{number}.npz": bytes(2**20) for number in range(40)}
    path = _zip(tmp_path / "a.zip", squeezed, zipfile.ZIP_DEFLATED)
    sentence = _refused(unpack_member, path, tmp_path / "1.npz")
    assert f"to {40 * 2**20} bytes, expected at most {200 * path.stat().st_size}" in sentence
    _zip(path, {"0/a.png": b"1" * 100, "0/b.png": b"2" * 100})
    monkeypatch.setattr(unpack, "MAX_TOTAL_BYTES", 199)
    assert "to 200 bytes, expected at most 199" in _refused(unpack_frames, path, tmp_path / "out")


def test_a_member_never_writes_more_than_its_header_announces(tmp_path):
    path = _zip(tmp_path / "a.zip", {"A.npz": b"0" * 5000}, zipfile.ZIP_DEFLATED)
    true, false = (5000).to_bytes(4, "little"), (50).to_bytes(4, "little")
    assert path.read_bytes().count(true) == 2
    path.write_bytes(path.read_bytes().replace(true, false))
    assert "can't be unpacked" in _refused(unpack_member, path, tmp_path / "A.npz")


def _encrypted(content: bytes) -> bytes:
    """Set the flag bits of the local header and of the central directory."""
    marked = bytearray(content)
    marked[6] |= 1
    marked[marked.index(b"PK\x01\x02") + 8] |= 1
    return bytes(marked)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda content: content[:-20], "expected a whole ZIP archive"),
        (_encrypted, "without a password"),
    ],
)
def test_a_damaged_or_encrypted_archive_is_told(tmp_path, damage, expected):
    path = _zip(tmp_path / "a.zip", {"A.npz": bytes(range(256)) * 4}, zipfile.ZIP_DEFLATED)
    path.write_bytes(damage(path.read_bytes()))
    assert expected in _refused(unpack_member, path, tmp_path / "A.npz")
