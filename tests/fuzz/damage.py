"""Sound files made unsound: bits, ends, lengths and claims, changed by accident or on purpose."""

import io
import struct
import zipfile
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

EXTREMES = (
    0, 1, 2, 127, 255, 2**15, 2**16 - 1, 2**20, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1,
)  # fmt: skip
LANDMARKS = (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"\x93NUMPY", b"shape", b"descr", b"#")

junk = st.binary(max_size=300)


@st.composite
def damaged(draw: st.DrawFn, sound: Sequence[bytes]) -> bytes:
    """One of the sound files after one to five changes."""
    content = bytearray(draw(st.sampled_from(sound)))
    for _ in range(draw(st.integers(1, 5))):
        change = draw(st.sampled_from(CHANGES))
        change(draw, content)
    return bytes(content)


def _place(draw: st.DrawFn, content: bytearray) -> int:
    return draw(st.integers(0, max(len(content) - 1, 0)))


def _overwrite(draw: st.DrawFn, content: bytearray) -> None:
    at = _place(draw, content)
    new = draw(st.binary(min_size=1, max_size=8))
    content[at : at + len(new)] = new


def _cut(draw: st.DrawFn, content: bytearray) -> None:
    at = _place(draw, content)
    del content[at : at + draw(st.sampled_from((1, 40, len(content))))]


def _insert(draw: st.DrawFn, content: bytearray) -> None:
    at = _place(draw, content)
    content[at:at] = draw(st.one_of(junk, st.just(bytes(content[at : at + 60] * 3))))


def _lie(draw: st.DrawFn, content: bytearray) -> None:
    """Write an extreme number where a header may have a length."""
    marks = [content.find(mark) for mark in LANDMARKS if mark in content]
    if marks and draw(st.booleans()):
        at = draw(st.sampled_from(marks)) + draw(st.integers(0, 60))
    else:
        at = _place(draw, content)
    n = draw(st.sampled_from((1, 2, 4, 8)))
    value = draw(st.sampled_from(EXTREMES)) % 256**n
    if at + n <= len(content):
        content[at : at + n] = value.to_bytes(n, draw(st.sampled_from(("little", "big"))))


CHANGES: tuple[Callable[[st.DrawFn, bytearray], None], ...] = (_overwrite, _cut, _insert, _lie)


DTYPES = ("<i8", ">u4", "|b1", "<f2", "|O", "<U10", "<c16", "|V8", "<i99", "", "<f16")
sides = st.one_of(
    st.integers(0, 40), st.sampled_from([-1, -(2**63), *EXTREMES, 2**24, 2**24 + 1, 10**30])
)


@st.composite
def npy(draw: st.DrawFn) -> bytes:
    """An NPY file whose header says what it likes."""
    shape = tuple(draw(st.lists(sides, min_size=1, max_size=2)))
    dtype = draw(st.sampled_from(DTYPES))
    told = draw(
        st.sampled_from(
            [
                f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape!r}, }}",
                f"{{'descr': {dtype!r}, 'shape': {shape!r}, }}",
                "(" * 3000,
                "__import__('os')",
            ]
        )
    )
    text = told.encode() + b"\n"
    data = draw(st.one_of(junk, st.integers(0, 40).map(lambda k: bytes(8 * k))))
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + data


def zipped(members: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP file of members, in order; names may occur twice."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return stream.getvalue()


ODD_NAMES = (
    "../../x", "/etc/passwd", "a;b", "<script>alert(1)</script>", "x" * 300, "it's \"quoted\"",
    "Ä数字", "$(id)", "-rf", "~", "..", "", " ", "a\nb", "a\0b", "\x1b[31m", "{seed}", "C:\\x",
    "a\u202eb", "\ud800", "NA", "null", "True", "1e5", "=1+1", "A.layers", "a\u2028b",
)  # fmt: skip
names = st.one_of(st.sampled_from(ODD_NAMES), st.text(max_size=40))
