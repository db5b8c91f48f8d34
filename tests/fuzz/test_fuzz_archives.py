"""Bad archives and PNG frames: refused, or unpacked within their folder and no further."""

import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from bounds import fuzz, refused
from damage import EXTREMES, damaged, junk, names, plain_png, png, zipped
from hypothesis import given
from hypothesis import strategies as st

from dvs_snn.settings.data import SplitShares
from dvs_snn.sources.split import tutorial_frames
from dvs_snn.sources.unzip import unpack_chosen, unpack_frames, unpack_member

FRAMES = [(f"train/{k % 10}/{k:03d}.png", plain_png()[:40] + bytes(k)) for k in range(20)]
SOUND = [
    zipped(FRAMES),
    zipped([*FRAMES, ("A.npz", bytes(5000))], zipfile.ZIP_DEFLATED),
    zipped([("grabbed_data3/scale16/mnist_3_scale16_0001.aedat", b"#!AER-DAT2.0\r\n" + bytes(80))]),
    zipped([]),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("archives")


def unpack_all(path: Path, inside: Path) -> None:
    unpack_member(path, "A.npz", inside / "A.npz") if b"A.npz" in path.read_bytes() else None
    for file in unpack_chosen(path, lambda names: {name: name for name in names}, inside / "all"):
        assert file.is_file()
        assert not file.is_symlink()
    unpack_frames(path, inside / "frames")


def check(folder: Path, kind: str, content: bytes) -> None:
    """Unpack three folders deep; nothing may appear beside the archive and that folder."""
    path = folder / "bad.zip"
    path.write_bytes(content)
    inside = folder / "a" / "b" / "c"
    refused(kind, unpack_all, path, inside)
    outside = [
        file
        for file in folder.rglob("*")
        if file != path and inside not in file.parents and file not in (inside, *inside.parents)
    ]
    assert not outside
    left = [file for file in inside.rglob("*") if file.is_file()]
    assert not [file for file in left if file.name.startswith(".part-")]
    for file in left:
        file.unlink()
    for made in sorted(inside.rglob("*"), reverse=True):
        made.rmdir()


@fuzz
@given(content=st.one_of(damaged(SOUND), damaged(SOUND), st.binary(max_size=500)))
def test_damaged_archives(folder, content):
    check(folder, "archive damaged", content)


@st.composite
def raw_archive(draw: st.DrawFn) -> bytes:
    """An archive whose members have odd names, kinds, methods and sizes, their checksums right."""
    body, directory = b"", b""
    count = draw(st.integers(1, 5))
    for _ in range(count):
        said = draw(st.one_of(st.sampled_from(["a.png", "A.PNG", "0/a.png", "a", "0"]), names))
        name = draw(st.sampled_from(["train/0/", ""])).encode() + said.encode("utf-8", "replace")
        content = draw(st.one_of(junk, st.integers(0, 3 * 10**6).map(bytes)))
        method = draw(st.sampled_from([0, 8] * 6 + [12, 14, 9, 99]))
        packed = content
        if method == 8:
            squeeze = zlib.compressobj(wbits=-15)
            packed = squeeze.compress(content) + squeeze.flush()
        sizes = [len(packed), len(content)]
        for place in range(2):
            if draw(st.integers(0, 20)) == 20:
                sizes[place] = draw(st.sampled_from(EXTREMES)) % 2**32
        flags = draw(st.sampled_from([0x800] * 16 + [0, 1, 8, 0x2000, 0xFFFF]))
        common = struct.pack(
            "<HHHHHLLLHH", draw(st.sampled_from([20] * 9 + [45, 63, 999])), flags, method, 0, 33,
            zlib.crc32(content), *sizes, len(name), 0,
        )  # fmt: skip
        at = draw(st.sampled_from([len(body)] * 20 + [0, 2**31]))
        kind = draw(st.sampled_from([0o100644] * 16 + [0, 0o040755, 0o120777, 0o010644]))
        directory += b"PK\x01\x02" + draw(st.sampled_from([b"\x14\x03", b"\x14\x00"])) + common
        directory += struct.pack("<HHHLL", 0, 0, 0, kind << 16, at) + name
        body += b"PK\x03\x04" + common + name + packed
    end = struct.pack("<HHHHLLH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


@fuzz
@given(content=raw_archive())
def test_archives_of_odd_members(folder, content):
    check(folder, "archive of odd members", content)


def frames(root: Path, content: bytes) -> None:
    (root / "0" / "bad.png").write_bytes(content)
    list(tutorial_frames(root, SplitShares(0.34, 0.5)))


@pytest.fixture(scope="module")
def pngs(tmp_path_factory, no_border):
    root = tmp_path_factory.mktemp("pngs")
    for digit in range(10):
        (root / str(digit)).mkdir()
        for k in range(3):
            (root / str(digit) / f"{k}.png").write_bytes(plain_png())
    frames(root, plain_png())  # imports what it needs, before memory is watched
    return root


@fuzz
@given(content=st.one_of(png(), damaged([plain_png()]), junk))
def test_png_frames(pngs, content):
    refused("PNG frame", frames, pngs, content)


@pytest.fixture(scope="module")
def no_border():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dvs_snn.sources.split.BORDER_FRAMES", 0)
        yield
