"""ZIP files and the arrays in them (NPZ): what they announce is checked before memory is taken."""

import struct
import zipfile
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dvs_snn.files.errors import StudyError, reason_of

MAX_ARRAYS = 1000
MAX_ARRAYS_DIRECTORY_BYTES = 2**20
MAX_STORED_BYTES = 400 * 2**20
"""All arrays together of a file that the study itself wrote."""

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


def refuse_packing(member: zipfile.ZipInfo) -> None:
    """Raise ValueError for a compression that no writer of NPZ uses: some take any memory."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"packed by method {member.compress_type}")


def npy_header(stream: BinaryIO) -> tuple[tuple[int, ...], np.dtype, bool]:
    """Read the header of an NPY file: its shape, dtype, and whether it is in Fortran's order.

    Raises:
        ValueError: no header of version 1 or 2.
    """
    version = np.lib.format.read_magic(stream)
    # Version 3 differs in the names of structured fields only, which no key of ours has.
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
    else:
        raise ValueError(f"version {version[0]}.{version[1]} of the array format")
    return shape, dtype, fortran


def announced_bytes(shape: tuple[int, ...], dtype: np.dtype) -> int:
    """Return how many bytes an array takes by its header; ValueError for one that can't be."""
    if min(shape, default=0) < 0 or dtype.hasobject:
        raise ValueError(f"an array of {dtype} with shape {shape}")
    n = dtype.itemsize
    for side in shape:
        n *= side
    return n


def read_exactly(stream: BinaryIO, n_bytes: int) -> bytes:
    """Read the rest of a member, `n_bytes`; never unpacks more than one byte beyond.

    Raises:
        ValueError: it has more or fewer.
    """
    # Without a number zipfile unpacks whatever a member holds, however few bytes were announced.
    data = stream.read(n_bytes + 1)
    if len(data) != n_bytes:
        more = "more" if len(data) > n_bytes else f"{len(data)}"
        raise ValueError(f"{more} bytes of data, expected {n_bytes}")
    return data


def stored_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read all arrays of an NPZ file that the study wrote, without pickle.

    Raises:
        ValueError: the file isn't whole; in one line what is wrong.
    """
    try:
        with open(path, "rb") as file:
            refuse_long_directory(path, file, MAX_ARRAYS, MAX_ARRAYS_DIRECTORY_BYTES)
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                total = sum(member.file_size for member in members)
                if total > MAX_STORED_BYTES:
                    raise ValueError(f"{total} bytes, expected at most {MAX_STORED_BYTES}")
                return {
                    member.filename.removesuffix(".npy"): _stored(archive, member)
                    for member in members
                }
    except Exception as error:  # zipfile, zlib and numpy raise nearly anything on damaged bytes
        raise ValueError(reason_of(error)) from error


def _stored(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    refuse_packing(member)
    with archive.open(member) as stream:
        shape, dtype, fortran = npy_header(stream)
        n_bytes = announced_bytes(shape, dtype)
        if n_bytes != member.file_size - stream.tell():
            raise ValueError(f"{member.file_size} bytes for shape {shape} of {dtype}")
        flat = np.frombuffer(read_exactly(stream, n_bytes), dtype)
        return flat.reshape(shape, order="F" if fortran else "C").copy()
