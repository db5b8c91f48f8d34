"""Recordings as numpy archives, `.npz`: arrays `t` (us), `x`, `y` (pixels), optionally `p` and
`sensor_size` (width, height)."""

import zipfile

import numpy as np

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.recordings.event_columns import (
    begin_of,
    recording_of_columns,
    refuse_column,
    whole_numbers,
)
from dvs_snn.recordings.recording import EventRecording, PathLike, Size

_KEYS = ("t", "x", "y", "p", "sensor_size")


def read(path: PathLike, sensor_size: Size = None, time_unit: str | None = None) -> EventRecording:
    """Read a numpy archive, nothing pickled; without a `time_unit` times are whole us."""
    arrays = {}
    try:
        # Of another file numpy says that it is pickled.
        with zipfile.ZipFile(path), np.load(path, allow_pickle=False) as archive:
            held = ", ".join(ascii(name) for name in sorted(archive)[:8]) or "none"
            for key in _KEYS:
                if key in archive:
                    arrays[key] = np.asarray(archive[key])
                    refuse_column(path, key, arrays[key])
    except StudyError:
        raise
    except Exception as error:  # zipfile, zlib and numpy raise nearly anything on damaged bytes
        with open(path, "rb") as stream:
            begin = begin_of(stream.read(32))
        raise StudyError(
            f"{path}: begins with {begin} and can't be unpacked ({reason_of(error)}), expected a "
            "whole numpy archive (.npz) of arrays of numbers; fetch or write it again"
        ) from error
    for key in ("t", "x", "y"):
        if key not in arrays:
            raise StudyError(
                f"{path}: column '{key}' is missing, found {held}, "
                "expected t, x, y and optionally p and sensor_size"
            )
    stated = arrays.pop("sensor_size", None)
    if sensor_size is None and stated is not None:
        sensor_size = whole_numbers(f"{path}: column 'sensor_size'", stated).tolist()
    return recording_of_columns(path, arrays, sensor_size, time_unit)


def write(path: PathLike, recording: EventRecording) -> None:
    """Write `t` (int64, us), `x`, `y` (uint16), `p` (bool) and `sensor_size` (width, height).

    `p` is left out if the recording has no polarity. The same recording gives the same bytes.
    """
    arrays = {key: recording.events[key] for key in ("t", "x", "y")}
    if recording.has_polarity:
        arrays["p"] = recording.events["p"]
    arrays["sensor_size"] = np.array(recording.sensor_size, np.int64)
    with replacing(path) as temporary, open(temporary, "wb") as stream:
        # A stream, not a name: numpy appends .npz to names that lack it.
        np.savez_compressed(stream, allow_pickle=False, **arrays)
