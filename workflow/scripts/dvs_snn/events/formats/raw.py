"""Recordings as Prophesee's RAW, `.raw`: EVT2 and EVT3 through the package faery, EVT2.1 here.

No package of PyPI reads EVT2.1. Lines `% keyword value` state the encoding and perhaps the size.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from dvs_snn.events import format_checks as checks
from dvs_snn.events.apart import MAX_FILE_BYTES, read_apart
from dvs_snn.events.columns import recording_of_columns
from dvs_snn.events.recording import (
    CONVERTING,
    EventRecording,
    PathLike,
    checked_size,
)
from dvs_snn.files.errors import StudyError

EXPECTED = "a RAW recording of Prophesee"
_ANY_SIZE = (2**11, 2**11)
_ENCODINGS = {
    "2": "evt2", "2.0": "evt2", "21": "evt2.1", "2.1": "evt2.1", "3": "evt3", "3.0": "evt3",
}  # fmt: skip
# Types of words: events, time, and those without events of pixels.
_TIME_HIGH = 8
_KNOWN_TYPES = [0, 1, _TIME_HIGH, 0b1010, 0b1110, 0b1111]


@dataclass(frozen=True)
class _Header:
    """What the header states.

    Attributes:
        encoding: as faery names it.
        size: (width, height) in pixels, if stated.
        legacy: whether words of EVT2.1 begin with their high half.
        t0_us: what faery's own writer took from all times.
        end: byte after the header.
    """

    encoding: str
    size: tuple[int, int] | None
    legacy: bool
    t0_us: int
    end: int


def read(
    path: PathLike, sensor_size: Sequence[int] | None = None, time_unit: str | None = None
) -> EventRecording:
    """Read a RAW file. Like the maker's own readers, leaves out events before the first full time.

    Args:
        sensor_size: (width, height) in pixels, in place of the file's. If neither says it, the
            smallest that holds the events.

    Raises:
        StudyError: the file has a fault, or faery isn't installed.
    """
    if sensor_size is not None:
        sensor_size = checked_size(sensor_size)
    checks.refuse_file(path, EXPECTED, MAX_FILE_BYTES)
    try:
        header = _header(path)
        if header.encoding != "evt2.1":
            return read_apart(__name__, "faery", path, EXPECTED, sensor_size, "us")
        data = checks.file_bytes(path, EXPECTED, 8)
    except OSError as error:
        raise checks.unreadable(path, error) from error
    columns = _evt21(path, data, header)
    return recording_of_columns(path, "column", columns, sensor_size or header.size, "us")


def parts(path: str, faery: ModuleType) -> Iterator[dict[str, object]]:
    """Yield the size that the header states, then the events. Runs in the process apart."""
    header = _header(path)
    first_us = _first_time(path, header)
    with faery.evt.Decoder(path, header.size or _ANY_SIZE, header.encoding) as decoder:
        if header.size:
            yield {"sensor_size": list(header.size)}
        for packet in decoder:
            if "events" in packet:
                # Until a word tells the high bits of the time, faery takes them for 0.
                events = packet["events"][packet["events"]["t"] >= first_us]
                fields = zip("txyp", events.dtype.names, strict=True)
                yield {name: events[field] for name, field in fields}


def _header(path: PathLike) -> _Header:
    with open(path, "rb") as file:
        data = file.read(checks.MAX_HEADER_BYTES)
    fields, end = {}, 0
    while data.startswith(b"%", end) and fields.get("end") is None:
        stop = data.find(b"\n", end) + 1 or len(data)
        keyword, _, value = data[end + 1 : stop].decode("latin-1").strip().partition(" ")
        fields[keyword.lower()] = value.strip()
        end = stop
    if not fields:
        raise StudyError(
            f"{path}: byte 0 begins {checks.looks_like(data)}, expected {EXPECTED}, "
            f"whose first lines begin with %; {CONVERTING}"
        )
    name, *options = (fields.get("format") or fields.get("evt", "")).split(";")
    encoding = _ENCODINGS.get(name.upper().removeprefix("EVT"))
    if encoding is None:
        raise StudyError(
            f"{path}: its header names the encoding {name[:40]!a}, expected EVT2, EVT2.1 or EVT3; "
            f"{CONVERTING}"
        )
    fields |= dict(option.partition("=")[::2] for option in options)
    sides = fields.get("geometry") or f"{fields.get('width')}x{fields.get('height')}"
    size = re.fullmatch(r"(\d{1,5})x(\d{1,5})", sides, re.ASCII)
    return _Header(
        encoding,
        checked_size([int(size[1]), int(size[2])], f"{path}: header") if size else None,
        fields.get("endianness") == "legacy",
        int(fields["t0"]) if re.fullmatch(r"\d{1,18}", fields.get("t0", ""), re.ASCII) else 0,
        end,
    )


def _first_time(path: PathLike, header: _Header) -> int:
    """Return the first full time of an EVT2 or EVT3 file, in us."""
    dtype, shift, low_bits = ("<u4", 28, 6) if header.encoding == "evt2" else ("<u2", 12, 12)
    with open(path, "rb") as file:
        file.seek(header.end)
        data = file.read(checks.MAX_HEADER_BYTES)
    words = np.frombuffer(data, dtype, len(data) // np.dtype(dtype).itemsize)
    high = words[words >> shift == _TIME_HIGH]
    if not high.size:
        raise StudyError(f"holds no time after its header, expected {EXPECTED}")
    return header.t0_us + ((int(high[0]) & ((1 << shift) - 1)) << low_bits)


def _evt21(path: PathLike, data: bytes, header: _Header) -> dict[str, np.ndarray]:
    """Decode EVT2.1: words of 64 bits, of which an event word holds up to 32 pixels of a row."""
    n_words = (len(data) - header.end) // 8
    halves = np.frombuffer(data, "<u4", 2 * n_words, header.end).reshape(-1, 2)
    low, high = halves.T[::-1] if header.legacy else halves.T
    kind = high >> 28
    known = np.isin(kind, _KNOWN_TYPES)
    if not known.all():
        first = int(np.argmin(known))
        raise StudyError(
            f"{path}: word at byte {header.end + 8 * first} has the unknown type {kind[first]}, "
            "expected EVT2.1 in the order of bytes that its header states (endianness=legacy or "
            "little)"
        )
    is_time = kind == _TIME_HIGH
    # 28 bits of the time stand in words of their own, and turn over after 4.8 hours.
    ticks = (high[is_time] & 0xFFFFFFF).astype(np.int64)
    turns = np.cumsum(np.diff(ticks, prepend=ticks[:1]) < -(2**27))
    latest = np.cumsum(is_time) - 1
    is_event = (kind <= 1) & (latest >= 0)
    place, mask = high[is_event], low[is_event]
    checks.refuse_length(path, int(np.bitwise_count(mask).sum()))
    times = (ticks + (turns << 28) << 6)[latest[is_event]] + (place >> 22 & 63)
    pixels = np.unpackbits(mask.astype("<u4").view(np.uint8), bitorder="little")
    word, offset = np.divmod(np.flatnonzero(pixels), 32)
    return {
        "t": times[word],
        "x": (place >> 11 & 0x7FF)[word] + offset,
        "y": (place & 0x7FF)[word],
        "p": (kind[is_event] == 1)[word],
    }
