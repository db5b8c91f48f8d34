"""Recordings as Prophesee's DAT, `.dat`, through the package faery."""

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.event_columns import joined, library, recording_of_columns
from dvs_snn.recordings.recording import EventRecording, PathLike, Size

_ANY_SIZE = (2**14, 2**14)


def read(path: PathLike, sensor_size: Size = None, time_unit: str | None = None) -> EventRecording:
    """Read a DAT file's events (CD or 2D), version 1 or 2, in us; StudyError on a fault."""
    with (
        library(path, "faery", "a DAT recording of Prophesee") as faery,
        faery.dat.Decoder(path, _ANY_SIZE, None) as decoder,
    ):
        if decoder.event_type not in ("cd", "2d"):
            raise StudyError(
                f"{path}: holds events of type {decoder.event_type}, expected cd or 2d"
            )
        if sensor_size is None and decoder.dimensions != _ANY_SIZE:
            sensor_size = decoder.dimensions
        columns = joined(path, decoder)
    columns["p"] = columns["p"] > 0
    return recording_of_columns(path, columns, sensor_size, "us")
