"""Files of recordings of every format, byte by byte, and what reading a faulty one says."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.recording import read_recording

HEADER = b"#!AER-DAT2.0\r\n# made by a test\r\n"


def aedat(*records: tuple[int, int], header: bytes = HEADER) -> bytes:
    """Records (address, time) of AEDAT 2.0."""
    return header + b"".join(struct.pack(">II", *record) for record in records)


def address(x: int, y: int, on: bool) -> int:
    """The address of a DVS128's event."""
    return y << 8 | x << 1 | (0 if on else 1)


def nmnist(*records: tuple[int, int, int, int]) -> bytes:
    """Records (x, y, on, time) as 5 bytes: polarity is the top bit of the last three."""
    return b"".join(
        struct.pack(">BB", x, y) + struct.pack(">I", on << 23 | t)[1:] for x, y, on, t in records
    )


def npz_bytes(**arrays: object) -> bytes:
    """A numpy archive, not compressed."""
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def npz_with(**changes: object) -> bytes:
    """A sound archive of three events with keys changed, or left out (None)."""
    arrays = {"t": np.array([5, 6, 9]), "x": np.array([0, 1, 2]), "y": np.array([3, 4, 5])}
    arrays |= {"p": np.array([True, False, True]), "sensor_size": np.array([8, 6])}
    arrays |= changes
    return npz_bytes(**{key: value for key, value in arrays.items() if value is not None})


def zip_bytes(**members: bytes) -> bytes:
    """A ZIP file of `.npy` members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def npy_bytes(array: object) -> bytes:
    """An array as numpy writes it into its archives."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array))
    return stream.getvalue()


def fault(path: Path, *needles: str, **options: object) -> str:
    """Return the one sentence that reading raises; it names the file and has the needles."""
    with pytest.raises(StudyError) as caught:
        read_recording(path, **options)
    sentence = str(caught.value)
    assert path.name in sentence
    assert "\n" not in sentence
    assert not sentence.endswith(".")
    for needle in needles:
        assert needle in sentence, sentence
    return sentence
