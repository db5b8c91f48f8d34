"""Files of other makers' formats: by their own libraries, or word by word as makers tell them."""

import importlib.util
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import h5py
import numpy as np
import pytest

from dvs_snn.recordings.recording import EventRecording, write_recording

SIZE = (346, 260)


def a_walk(n: int = 500, seed: int = 1, size: Sequence[int] = SIZE) -> EventRecording:
    """Make `n` events at random over 0.1 s, in order of time, the last in the sensor's corner."""
    rng = np.random.default_rng(seed)
    events = np.empty(n, [("t", "<i8"), ("x", "<u2"), ("y", "<u2"), ("p", "?")])
    events["t"] = np.sort(rng.integers(1000, 101_000, n))
    events["x"], events["y"] = rng.integers(0, size[0], n), rng.integers(0, size[1], n)
    events["x"][-1], events["y"][-1] = size[0] - 1, size[1] - 1
    events["p"] = rng.integers(0, 2, n)
    return EventRecording(events, (size[0], size[1]))


def by_faery(path: Path, recording: EventRecording, **options: object) -> Path:
    """Write a file of the format that its suffix names with faery, or skip the test without it."""
    faery = pytest.importorskip("faery")
    events = np.empty(recording.n_events, faery.EVENTS_DTYPE)
    for name, column in zip(events.dtype.names, "txyp", strict=True):
        events[name] = recording.events[column]
    kind = {".aedat4": "aedat", ".raw": "evt", ".dat": "dat", ".es": "es"}[path.suffix]
    faery.file_encoder.events_to_file(
        [events], path, recording.sensor_size, file_type=kind, use_write_suffix=False, **options
    )
    return path


def by_h5py(path: Path, members: dict[str, object], **attributes: object) -> Path:
    """Write an HDF5 file of datasets by name, with attributes of the file."""
    with h5py.File(path, "w") as file:
        for name, array in members.items():
            file[name] = array
        file.attrs.update(attributes)
    return path


def columns(recording: EventRecording) -> dict[str, np.ndarray]:
    """Return a recording's columns by name."""
    return {name: recording.events[name] for name in "txyp"}


def header(*lines: str) -> bytes:
    """Lines of a header of Prophesee."""
    return "".join(f"% {line}\n" for line in lines).encode()


def evt2(*words: tuple[int, ...]) -> bytes:
    """Words of EVT2: (time,) in 64 us, or an event (low time, x, y, polarity)."""

    def packed(t: int, x: int = 0, y: int = 0, kind: int = 8) -> int:
        return kind << 28 | t << 22 | x << 11 | y if kind != 8 else kind << 28 | t

    return b"".join(struct.pack("<I", packed(*word)) for word in words)


def evt3(*words: tuple[int, int]) -> bytes:
    """Words of EVT3: type and payload of 12 bits."""
    return b"".join(struct.pack("<H", kind << 12 | payload) for kind, payload in words)


def as_text(recording: EventRecording, *first: str, unit: float = 1e6, mark: str = " ") -> bytes:
    """A recording as lines `t x y p`, times divided by `unit` us, after some first lines."""
    events = recording.events.tolist()
    lines = [mark.join([f"{t / unit:.9f}", f"{x}", f"{y}", f"{p:d}"]) for t, x, y, p in events]
    return "\n".join([*first, *lines, ""]).encode()


def as_prophesee(path: Path, recording: EventRecording) -> Path:
    """Write the HDF5 layout that states unit and size, and its own suffix: no file is a copy."""
    geometry = "x".join(map(str, recording.sensor_size))
    members = {"CD/events": recording.events}
    return by_h5py(path, members, geometry=geometry, suffix=path.suffix)


def by_hand(path: Path, recording: EventRecording) -> None:
    """Write text that states unit and size, with commas if it is called .csv."""
    size = "# {} {}".format(*recording.sensor_size)
    mark = "," if path.suffix == ".csv" else " "
    path.write_bytes(as_text(recording, size, "# t[s] x y p", mark=mark))


WRITERS: dict[str, Callable[[Path, EventRecording], object]] = {
    ".npz": write_recording, ".bin": write_recording, ".aedat": write_recording,
    ".txt": by_hand, ".csv": by_hand, ".h5": as_prophesee, ".hdf5": as_prophesee,
    ".raw": by_faery, ".dat": by_faery, ".aedat4": by_faery,
}  # fmt: skip
"""What writes a recording in the format of each suffix."""


def in_every_format(path: Path, recording: EventRecording) -> list[Path]:
    """Write a recording of a DVS128 beside `path` once in each format that this machine can."""
    has_faery = importlib.util.find_spec("faery") is not None
    written = []
    for suffix, write in WRITERS.items():
        if has_faery or write is not by_faery:
            written.append(path.with_suffix(suffix))
            write(written[-1], recording)
    if has_faery:
        evt2 = path.with_name(f"{path.name}-evt2.raw")
        written.append(by_faery(evt2, recording, version="evt2"))
    return written
