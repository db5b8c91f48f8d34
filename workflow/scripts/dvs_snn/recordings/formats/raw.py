"""Recordings as Prophesee's RAW, `.raw`, in EVT2 or EVT3, through the package faery."""

import re

import numpy as np

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.event_columns import joined, library, recording_of_columns
from dvs_snn.recordings.recording import CONVERTING, EventRecording, PathLike, Size

EXPECTED = "a RAW recording of Prophesee in EVT2 or EVT3"
_ANY_SIZE = (2**11, 2**11)
_READ_BYTES = 2**20
_HEADER = re.compile(rb"(?:%(?! end\b)[^\n]*\n)*(?:% end\n)?")
_OTHER = re.compile(rb"^% *(?:evt|format) +((?!(?:EVT)?[23](?:\.0)?[;\s])[^;\s]+)", re.M | re.I)
_FIRST_US = re.compile(rb"^% t0 (\d{1,18})$", re.M)
_TIME_HIGH = 8
"""Type of the word that tells the high bits of the time."""


def read(path: PathLike, sensor_size: Size = None, time_unit: str | None = None) -> EventRecording:
    """Read a RAW file; leave out events before the first full time, as the maker's own readers."""
    with open(path, "rb") as file:
        begin = file.read(_READ_BYTES)
    matched = _HEADER.match(begin)
    header = matched[0] if matched else b""
    other = _OTHER.search(header)
    if other or not header:
        held = f"the encoding {other[1].decode('latin-1')[:40]!a}" if other else "no header"
        raise StudyError(f"{path}: has {held}, expected {EXPECTED}; {CONVERTING}")
    with (
        library(path, "faery", EXPECTED) as faery,
        faery.evt.Decoder(path, _ANY_SIZE, None) as decoder,
    ):
        if sensor_size is None and decoder.dimensions != _ANY_SIZE:
            sensor_size = decoder.dimensions
        first_us = _first_time(path, header, begin[len(header) :], decoder.version)
        packets = (packet["events"] for packet in decoder if "events" in packet)
        # Until a word tells the high bits of the time, faery takes them for 0.
        columns = joined(path, (packet[packet["t"] >= first_us] for packet in packets))
    return recording_of_columns(path, columns, sensor_size, "us")


def _first_time(path: PathLike, header: bytes, data: bytes, version: str) -> int:
    """Return the first full time, in us; faery's own files state one that is added to all."""
    n_bytes, shift, low_bits = (4, 28, 6) if version == "evt2" else (2, 12, 12)
    words = np.frombuffer(data, f"<u{n_bytes}", len(data) // n_bytes)
    high = words[words >> shift == _TIME_HIGH]
    if not high.size:
        raise StudyError(f"{path}: holds no time after its header, expected {EXPECTED}")
    added = _FIRST_US.search(header)
    return int(added[1] if added else 0) + ((int(high[0]) & ((1 << shift) - 1)) << low_bits)
