"""Sound files made unsound: bits, ends, lengths and claims, changed by accident or on purpose."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import strategies as st

EXTREMES = (
    0,
    1,
    2,
    127,
    255,
    2**15,
    2**16 - 1,
    2**20,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63,
    2**64 - 1,
)
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


def _flip(draw: st.DrawFn, content: bytearray) -> None:
    if content:
        content[_place(draw, content)] ^= 1 << draw(st.integers(0, 7))


def _overwrite(draw: st.DrawFn, content: bytearray) -> None:
    at = _place(draw, content)
    new = draw(st.binary(min_size=1, max_size=8))
    content[at : at + len(new)] = new


def _cut_end(draw: st.DrawFn, content: bytearray) -> None:
    del content[_place(draw, content) :]


def _cut_start(draw: st.DrawFn, content: bytearray) -> None:
    del content[: _place(draw, content)]


def _delete(draw: st.DrawFn, content: bytearray) -> None:
    at = _place(draw, content)
    del content[at : at + draw(st.integers(1, 40))]


def _insert(draw: st.DrawFn, content: bytearray) -> None:
    at = _place(draw, content)
    content[at:at] = draw(junk)


def _repeat(draw: st.DrawFn, content: bytearray) -> None:
    at = _place(draw, content)
    content[at:at] = content[at : at + 60] * draw(st.integers(1, 4))


def _blank(draw: st.DrawFn, content: bytearray) -> None:
    at = _place(draw, content)
    n = min(draw(st.integers(1, 50)), len(content) - at)
    content[at : at + n] = bytes(n)


def _lie(draw: st.DrawFn, content: bytearray) -> None:
    """Write an extreme number where a header may have a length."""
    marks = [content.find(mark) for mark in LANDMARKS if mark in content]
    if marks and draw(st.booleans()):
        at = draw(st.sampled_from(marks)) + draw(st.integers(0, 60))
    else:
        at = _place(draw, content)
    n = draw(st.sampled_from((1, 2, 4, 8)))
    order = draw(st.sampled_from(("little", "big")))
    value = draw(st.sampled_from(EXTREMES)) % 256**n
    if at + n <= len(content):
        content[at : at + n] = value.to_bytes(n, order)


CHANGES: tuple[Callable[[st.DrawFn, bytearray], None], ...] = (
    _flip, _overwrite, _cut_end, _cut_start, _delete, _insert, _repeat, _blank, _lie, _lie,
)  # fmt: skip


def mutated(rng: random.Random, sound: Sequence[bytes]) -> bytes:
    """One of the sound files after one to five changes, faster than :func:`damaged` makes it."""
    content = bytearray(rng.choice(sound))
    # Half of the changes hit the first bytes, where headers stand.
    for _ in range(rng.randint(1, 5)):
        n = len(content)
        at = rng.randrange(rng.choice((n, min(n, 600)))) if n else 0
        change = rng.randrange(8)
        if change == 0:
            content[at : at + 1] = bytes([content[at] ^ 1 << rng.randrange(8)] if n else [])
        elif change == 1:
            content[at : at + 8] = rng.randbytes(rng.randint(1, 8))
        elif change == 2:
            del content[at : at + rng.randint(1, 40)]
        elif change == 3:
            content[at:at] = rng.randbytes(rng.randint(0, 60))
        elif change == 4:
            content[at:at] = content[at : at + 60] * rng.randint(1, 4)
        elif change == 5 and rng.random() < 0.3:
            del content[at:]
        else:
            size = rng.choice((1, 2, 4, 8))
            number = rng.choice(EXTREMES) % 256**size
            content[at : at + size] = number.to_bytes(size, rng.choice(("little", "big")))
    return bytes(content)


# --- ZIP and NPZ whose checksums are right -------------------------------------------------------

DTYPES = (
    "<i8", ">u4", "|u1", "|b1", "<f8", "<f2", "<u8", "|O", "<U10", "|S3", "<c16", "<M8[us]", "|V8",
    "<i99", "i", "", "<f16", "[('a','<i4')]", "🙂",
)  # fmt: skip
sides = st.one_of(
    st.integers(0, 40), st.sampled_from([-1, -(2**63), *EXTREMES, 2**24, 2**24 + 1, 10**30])
)


@st.composite
def npy(draw: st.DrawFn) -> bytes:
    """An NPY file whose header says what it likes."""
    shape = tuple(draw(st.lists(sides, max_size=3)))
    if draw(st.booleans()):
        shape = shape[:1]
    dtype = draw(st.sampled_from(DTYPES))
    keys = draw(
        st.sampled_from(
            [
                f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape!r}, }}",
                f"{{'descr': {dtype!r}, 'fortran_order': 7, 'shape': {shape!r}, }}",
                f"{{'descr': {dtype!r}, 'shape': {shape!r}, }}",
                f"{{'descr': [{dtype!r}] * 3, 'fortran_order': False, 'shape': [1]}}",
                "{" * 400,
                "(" * 3000,
                "__import__('os')",
                "1+" * 2000 + "1",
                "",
            ]
        )
    )
    text = keys.encode("utf-8") + b"\n"
    version = draw(st.sampled_from([(1, 0), (2, 0), (3, 0), (0, 0), (255, 255)]))
    n = draw(st.sampled_from([len(text), len(text), len(text), 0, 2**16 - 1]))
    length = struct.pack("<H" if version == (1, 0) else "<I", n)
    data = draw(st.one_of(junk, st.integers(0, 40).map(lambda k: bytes(8 * k))))
    return b"\x93NUMPY" + bytes(version) + length + text + data


def plain_npy(array: object) -> bytes:
    """An NPY file of an array."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array))
    return stream.getvalue()


def zipped(members: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP file of members, in order; names may occur twice."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return stream.getvalue()


# --- PNG whose checksums are right ---------------------------------------------------------------


def chunk(kind: bytes, content: bytes, n: int | None = None) -> bytes:
    """A PNG chunk that says it has `n` bytes."""
    length = struct.pack(">L", len(content) if n is None else n)
    return length + kind + content + struct.pack(">L", zlib.crc32(kind + content))


def plain_png(width: int = 64, height: int = 64) -> bytes:
    """A grey PNG image."""
    rows = zlib.compress((b"\0" + bytes(range(width % 256))) * height)
    head = struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@st.composite
def png(draw: st.DrawFn) -> bytes:
    """A PNG image whose header, chunks and data don't agree."""
    side = st.one_of(st.just(64), st.sampled_from([v for v in EXTREMES if v < 2**32]))
    head = struct.pack(
        ">LLBBBBB", draw(side), draw(side), *(
            draw(st.one_of(st.just(common), st.integers(0, 255)))
            for common in (8, 0, 0, 0, 0)
        )
    )  # fmt: skip
    extra = draw(
        st.lists(
            st.tuples(
                st.sampled_from([b"IHDR", b"IDAT", b"zTXt", b"iTXt", b"iCCP", b"PLTE", b"tRNS",
                                 b"acTL", b"fcTL", b"fdAT", b"eXIf", b"abcd", b"pHYs", b"sRGB"]),
                st.one_of(
                    junk,
                    st.just(zlib.compress(bytes(5 * 10**6))),
                    st.just(b"name\0\0" + zlib.compress(bytes(5 * 10**6))),
                ),
                st.one_of(st.none(), st.sampled_from([v for v in EXTREMES if v < 2**32])),
            ),
            max_size=4,
        )
    )  # fmt: skip
    body = b"".join(chunk(*one) for one in extra)
    rows = zlib.compress(draw(st.sampled_from([bytes(64 * 65), bytes(10), bytes(10**7)])))
    end = chunk(b"IEND", b"") if draw(st.booleans()) else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IDAT", rows) + end


# --- text ----------------------------------------------------------------------------------------

ODD_NAMES = (
    "../../x", "/etc/passwd", "a;b", "<script>alert(1)</script>", "x" * 300, "it's \"quoted\"",
    "a b", "Ä数字", "$(id)", "`id`", "a|b", "a&b", "-rf", "~", ".", "..", "", " ", "a\nb", "a\0b",
    "\x1b[31m", "{seed}", "<results>", "%s", "C:\\x", "CON", "a\u202eb", "\ud800", "e\u0301", "NA",
    "nan", "null", "None", "True", "1e5", "=1+1", "@x", "A.layers", "a\r", "a\u2028b",
)  # fmt: skip
names = st.one_of(st.sampled_from(ODD_NAMES), st.text(max_size=40))
