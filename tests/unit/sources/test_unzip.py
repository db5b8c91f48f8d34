"""Archives are untrusted, perhaps damaged, and unpacked whole or not at all."""

import io
import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.sources import unzip as archives
from dvs_snn.sources.tutorial import unpack_frames
from dvs_snn.sources.unzip import unpack_chosen, unpack_member


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


def _all(names) -> dict[str, str]:
    return {name: name for name in names}


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
    monkeypatch.undo()
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


@pytest.mark.parametrize(
    "members",
    [{"readme.txt": b""}, {"a/0/x.png": b"", "b/0/x.png": b""}, {"x.png": b""}],
)
def test_frames_without_one_folder_of_digits_are_told(tmp_path, members):
    path = _zip(tmp_path / "train.zip", members)
    assert "expected one folder" in _refused(unpack_frames, path, tmp_path / "out")


# --- What an attacker packs. ---


def _raw(
    name: bytes = b"A.npz",
    content: bytes = b"1234",
    *,
    flags: int = 0,
    method: int = 0,
    announced: int | None = None,
    packed: bytes | None = None,
) -> tuple[bytes, bytes]:
    """One member as bytes, its local and its directory header, by PKWARE's APPNOTE 4.3."""
    packed = content if packed is None else packed
    announced = len(content) if announced is None else announced
    common = struct.pack(
        "<HHHHHLLLHH", 20, flags, method, 0, 33, zlib.crc32(content), len(packed), announced,
        len(name), 0,
    )  # fmt: skip
    local = b"PK\x03\x04" + common + name + packed
    return local, b"PK\x01\x02\x14\x03" + common + struct.pack("<HHHL", 0, 0, 0, 0o100644 << 16)


def _joined(path: Path, *members: tuple[bytes, bytes], offsets: list[int] | None = None) -> Path:
    """An archive of raw members; `offsets` says where the directory claims that they begin."""
    body, directory, found = b"", b"", []
    for number, (local, central) in enumerate(members):
        found.append(len(body))
        n_name = struct.unpack_from("<H", local, 26)[0]
        name = local[30 : 30 + n_name]
        at = offsets[number] if offsets else found[number]
        directory += central + struct.pack("<L", at) + name
        body += local
    end = struct.pack("<HHHHLLH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\x05\x06" + end)
    return path


def test_a_raw_archive_is_a_sound_one(tmp_path):
    path = _joined(tmp_path / "a.zip", _raw(), _raw(b"b/B.npz", b"56"))
    assert zipfile.ZipFile(path).testzip() is None
    unpack_member(path, "B.npz", tmp_path / "B.npz")
    assert (tmp_path / "B.npz").read_bytes() == b"56"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("0/a.png", "0/A.PNG"), "are one file where case"),
        (("0/a.png", "0/a.png"), "are one file where case"),
        (("0/\u00e9.png", "0/e\u0301.png"), "are one file where case"),  # NFC and NFD
        (("0/\ufb01.png", "0/fi.png"), "are one file where case"),  # a ligature: NFKC
        (("0/stra\u00dfe.png", "0/STRASSE.png"), "are one file where case"),  # casefold
        (("0/a.png", "0\\a.png"), "are one file where case"),
        (("0/a.png", "0/A.png/b.png"), "is a file and a folder"),
    ],
)
def test_names_that_a_file_system_takes_for_one_are_refused(tmp_path, names, said):
    path = _joined(tmp_path / "a.zip", *(_raw(name.encode(), b"1", flags=0x800) for name in names))
    message = _refused(unpack_frames, path, tmp_path / "out")
    assert said in message
    assert message.isascii()
    assert _left(tmp_path) == ["a.zip"]


@pytest.mark.parametrize(
    "name",
    [
        b"../evil.png", b"0/..", b"/evil.png", b"//evil.png", b"C:\\evil.png", b"0/a.png:stream",
        b"\\\\host\\share\\evil.png", b"0/a.png\0/../../evil", b"0/a\n.png", b"0/\x1b[31m.png",
        b"", b".", b"x" * 300 + b".png", b"d/" * 40 + b"a.png", "0/\u2028.png".encode(),
    ],
)  # fmt: skip
def test_names_that_are_no_plain_paths_are_refused(tmp_path, name):
    path = _joined(tmp_path / "a.zip", _raw(), _raw(name, flags=0x800))
    message = _refused(unpack_member, path, "A.npz", tmp_path / "out" / "A.npz")
    assert "isn't safe to unpack" in message
    assert message.isascii()
    assert _left(tmp_path) == ["a.zip"]


@pytest.mark.parametrize(
    "name", ["a;b", "<script>alert(1)</script>", 'it\'s "quoted"', "$(id) `id` | & *", "Ä ü 数字"]
)
def test_odd_names_that_are_plain_paths_are_kept(tmp_path, name):
    name = name.replace("/", "")
    path = _joined(tmp_path / "a.zip", _raw(f"0/{name}.png".encode(), flags=0x800))
    (only,) = unpack_chosen(path, _all, tmp_path / "out")
    assert only == tmp_path / "out" / "0" / f"{name}.png"
    assert only.read_bytes() == b"1234"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_what_is_neither_file_nor_folder_is_refused(tmp_path, kind):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("A.npz", b"1")
        odd = zipfile.ZipInfo("odd")
        odd.external_attr = (kind | 0o777) << 16
        archive.writestr(odd, "/etc/hosts")
    message = _refused(unpack_member, tmp_path / "a.zip", "A.npz", tmp_path / "A.npz")
    assert "'odd' is a link or a device" in message


@pytest.mark.parametrize("flags", [0x1, 0x41, 0x2000])
def test_any_encrypted_member_is_refused(tmp_path, flags):
    path = _joined(tmp_path / "a.zip", _raw(), _raw(b"secret", flags=flags))
    message = _refused(unpack_member, path, "A.npz", tmp_path / "A.npz")
    assert "'secret' is encrypted, expected plain files" in message


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9, 93, 99, 65535])
def test_odd_compressions_are_refused(tmp_path, method):
    path = _joined(tmp_path / "a.zip", _raw(), _raw(b"odd", method=method))
    message = _refused(unpack_member, path, "A.npz", tmp_path / "A.npz")
    assert f"'odd' is packed by method {method}, expected 0 (stored) or 8 (deflated)" in message


def test_a_bomb_is_refused_before_a_byte_is_unpacked(tmp_path):
    path = _zip(tmp_path / "a.zip", {"A.npz": bytes(30 * 2**20)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 40_000
    message = _refused(unpack_member, path, "A.npz", tmp_path / "A.npz")
    assert "to 31457280 bytes, expected at most 200 times as many" in message
    assert _left(tmp_path) == ["a.zip"]


def test_a_bomb_of_many_small_members_is_refused(tmp_path):
    members = {f"{number}.npz": bytes(2**20) for number in range(40)}
    path = _zip(tmp_path / "a.zip", members, zipfile.ZIP_DEFLATED)
    message = _refused(unpack_member, path, "1.npz", tmp_path / "A.npz")
    assert "holds 40 members of 41943040 bytes" in message
    assert _left(tmp_path) == ["a.zip"]


def test_a_bomb_of_members_that_share_their_bytes_is_refused(tmp_path):
    names = [b"A.npz", b"B.npz"]
    path = _joined(tmp_path / "a.zip", *(_raw(name) for name in names), offsets=[0, 0])
    message = _refused(unpack_member, path, "A.npz", tmp_path / "A.npz")
    assert "shares bytes with another member" in message


def test_well_packed_small_members_are_no_bomb(tmp_path):
    path = _zip(tmp_path / "a.zip", {"A.npz": bytes(2**19)}, zipfile.ZIP_DEFLATED)
    unpack_member(path, "A.npz", tmp_path / "A.npz")
    assert (tmp_path / "A.npz").read_bytes() == bytes(2**19)


@pytest.mark.parametrize("announced", [2, 6, 10**6])
@pytest.mark.parametrize("method", [0, 8])
def test_a_size_that_is_not_the_announced_one_is_told(tmp_path, method, announced):
    squeezed = zlib.compress(b"1234", wbits=-15) if method else None
    raw = _raw(method=method, announced=announced, packed=squeezed)
    path = _joined(tmp_path / "a.zip", raw)
    message = _refused(unpack_member, path, "A.npz", tmp_path / "A.npz")
    assert "is not a whole ZIP archive" in message
    assert _left(tmp_path) == ["a.zip"]


def test_a_directory_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    path = _zip(tmp_path / "a.zip", {f"{number}": b"" for number in range(50)})
    monkeypatch.setattr(archives.zipfile, "ZipFile", None)  # must not be reached
    monkeypatch.setattr(archives, "MAX_DIRECTORY_BYTES", 2000)
    assert "directory of members has" in _refused(unpack_chosen, path, _all, tmp_path / "out")
    monkeypatch.setattr(archives, "MAX_DIRECTORY_BYTES", 10**6)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 49)
    assert "holds 50 members, expected at most 49" in _refused(
        unpack_chosen, path, _all, tmp_path / "out"
    )


def test_a_zip64_directory_is_measured_too(tmp_path, monkeypatch):
    path = _zip(tmp_path / "a.zip", {"A.npz": b"1"})
    content = path.read_bytes()
    at = content.index(b"PK\x05\x06")
    claim = struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 1, 1, 2**40, 0)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, at, 1)
    end = content[at : at + 12] + b"\xff" * 8 + content[at + 20 :]
    path.write_bytes(content[:at] + b"PK\x06\x06" + claim + locator + end)
    assert f"has {2**40} bytes, expected at most" in _refused(
        unpack_chosen, path, _all, tmp_path / "out"
    )


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_told_and_does_not_hang(tmp_path, make):
    make(tmp_path / "a.zip")
    assert "is not a file" in _refused(unpack_chosen, tmp_path / "a.zip", _all, tmp_path / "out")


def test_a_full_disk_is_told_and_leaves_no_half_file(tmp_path, monkeypatch):
    path = _zip(tmp_path / "a.zip", {"0/a.aedat": b"1" * 100})

    class OnFullDisk(io.FileIO):
        def write(self, data):
            super().write(data[:50])
            raise OSError(28, "No space left on device")

    def opened(path, mode):
        return OnFullDisk(path, mode) if "w" in mode else open(path, mode)

    monkeypatch.setattr(archives, "open", opened, raising=False)
    for call, *rest in (
        (unpack_chosen, _all, tmp_path / "out"),
        (unpack_member, "a.aedat", tmp_path / "out" / "a.aedat"),
    ):
        message = _refused(call, path, *rest)
        assert "No space left on device" in message
        assert _left(tmp_path) == ["a.zip"]


# --- The layout of MNIST-DVS. ---


def _mnist_dvs(path: Path) -> tuple[Path, dict[str, bytes]]:
    members = {
        f"grabbed_data3/scale{scale}/mnist_3_scale{scale:02d}_{number:04d}.aedat": bytes([scale])
        * number
        for scale in (4, 8, 16)
        for number in range(1, 6)
    }
    extra = {"grabbed_data3/readme.txt": b"x", "__MACOSX/grabbed_data3/._readme.txt": b"x"}
    return _zip(path, {**members, **extra}, zipfile.ZIP_DEFLATED), members


def test_chosen_files_are_unpacked_where_they_are_wanted_and_no_other(tmp_path):
    path, members = _mnist_dvs(tmp_path / "grabbed_data3.zip")
    out, offered = tmp_path / "out", []

    def choose(names):
        offered.extend(names)
        chosen = [name for name in names if "/scale16/" in name and name[-7] in "24"]
        return {name: f"3/{Path(name).name}" for name in chosen}

    files = unpack_chosen(path, choose, out)
    # In the archive's order, and without what macOS adds.
    assert offered == [*members, "grabbed_data3/readme.txt"]
    names = ["mnist_3_scale16_0002.aedat", "mnist_3_scale16_0004.aedat"]
    assert files == [out / "3" / name for name in names]
    assert _left(out) == names
    for file in files:
        assert file.read_bytes() == members[f"grabbed_data3/scale16/{file.name}"]


def test_a_chosen_file_beyond_the_callers_limit_is_refused_before_any_is_unpacked(tmp_path):
    path = _zip(tmp_path / "a.zip", {"a.aedat": b"12", "b.aedat": b"123"})
    message = _refused(unpack_chosen, path, _all, tmp_path / "out", 2)
    assert "'b.aedat' unpacks to 3 bytes, expected at most 2" in message
    assert not (tmp_path / "out").exists()
    (only,) = unpack_chosen(path, lambda _: {"a.aedat": "a"}, tmp_path / "out", 2)
    assert only.read_bytes() == b"12"
