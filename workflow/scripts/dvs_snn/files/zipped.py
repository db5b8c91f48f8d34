"""Checks the directory of a foreign ZIP file before anything reads it into memory."""

import struct
import zipfile
from pathlib import Path
from typing import BinaryIO

from dvs_snn.files.errors import StudyError

_MEMBER_SIGNATURE = b"PK\x01\x02"
_END_SIGNATURE, _END_BYTES = b"PK\x05\x06", 22
_END64_SIGNATURE, _END64_BYTES = b"PK\x06\x06", 76  # with the locator that follows
_MAX_COMMENT_BYTES = 2**16


def refuse_long_directory(path: Path, stream: BinaryIO, max_members: int, max_bytes: int) -> None:
    """Raise before zipfile reads a directory of members that would fill the memory.

    zipfile believes the size that the end of the file states, but not the number of members.

    Raises:
        StudyError: more members or more bytes than the caller allows.
        zipfile.BadZipFile: no ZIP file.
    """
    n_bytes = stream.seek(0, 2)
    reach = min(n_bytes, _END_BYTES + _MAX_COMMENT_BYTES + _END64_BYTES)
    stream.seek(n_bytes - reach)
    tail = stream.read(reach)
    at = len(tail) - _END_BYTES
    if not (at >= 0 and tail.startswith(_END_SIGNATURE, at) and tail.endswith(b"\0\0")):
        at = tail.rfind(_END_SIGNATURE)
    if at < 0 or len(tail) < at + _END_BYTES:
        raise zipfile.BadZipFile("its end is missing")
    (claimed,) = struct.unpack_from("<L", tail, at + 12)
    at64 = tail.rfind(_END64_SIGNATURE, 0, at)
    if at64 >= 0 and at64 + 48 <= len(tail):
        (claimed64,) = struct.unpack_from("<Q", tail, at64 + 40)
        claimed = claimed64 if claimed == 2**32 - 1 else max(claimed, claimed64)
    if claimed > max_bytes:
        raise StudyError(
            f"{path}: its directory of members has {claimed} bytes, expected at most {max_bytes}; "
            "it isn't safe to unpack."
        )
    end = n_bytes - reach + at
    start = max(0, end - _END64_BYTES - claimed)
    stream.seek(start)
    n_members = stream.read(end - start).count(_MEMBER_SIGNATURE)
    if n_members > max_members:
        raise StudyError(
            f"{path}: holds {n_members} members, expected at most {max_members}; it isn't safe to "
            "unpack."
        )
    stream.seek(0)
