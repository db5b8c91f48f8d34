"""Bad archives: refused, or unpacked within their folder and no further."""

import io
import shutil
import warnings
import zipfile
from pathlib import Path

import pytest
from bounds import fuzz, refused
from damage import EXTREMES, damaged, junk, names, zipped
from hypothesis import given
from hypothesis import strategies as st

from dvs_snn.recordings.archives.tutorial_archives import unpack_frames
from dvs_snn.recordings.archives.unpack import unpack_chosen, unpack_member

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
FRAMES = [(f"train/{k % 10}/{k:03d}.png", PNG + bytes(k)) for k in range(20)]
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
    unpack_member(path, inside / "A.npz") if b"A.npz" in path.read_bytes() else None
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
    allowed = {path, inside, *inside.parents, *inside.rglob("*")}
    assert not {*folder.rglob("*")} - allowed
    assert not [file for file in inside.rglob(".part-*") if file.is_file()]
    shutil.rmtree(folder / "a", ignore_errors=True)


@fuzz
@given(content=st.one_of(damaged(SOUND), damaged(SOUND), st.binary(max_size=500)))
def test_damaged_archives(folder, content):
    check(folder, "archive damaged", content)


@st.composite
def odd_archive(draw: st.DrawFn) -> bytes:
    """An archive whose members have odd names, kinds and methods, and lie about a size."""
    content = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(content, "w") as archive:
        warnings.simplefilter("ignore")  # two members of one name
        for _ in range(draw(st.integers(1, 5))):
            name = draw(st.one_of(st.sampled_from(["a.png", "0/a.png", "a", "../a.png"]), names))
            member = zipfile.ZipInfo(name.encode("utf-8", "replace").decode())
            kind = draw(st.sampled_from([0o100644, 0o100644, 0, 0o040755, 0o120777, 0o010644]))
            member.external_attr = kind << 16
            member.compress_type = draw(st.sampled_from([0, 8, 0, 8, 12, 14]))
            archive.writestr(member, draw(st.one_of(junk, st.integers(0, 3 * 10**6).map(bytes))))
            if draw(st.integers(0, 5)) == 5:
                member.file_size = draw(st.sampled_from(EXTREMES)) % 2**32
    return content.getvalue()


@fuzz
@given(content=odd_archive())
def test_archives_of_odd_members(folder, content):
    check(folder, "archive of odd members", content)
