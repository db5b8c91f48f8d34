"""Recordings as Prophesee's DAT, `.dat`, through the package faery."""

from collections.abc import Iterator, Sequence
from types import ModuleType

from dvs_snn.events.apart import read_apart
from dvs_snn.events.recording import EventRecording, PathLike
from dvs_snn.files.errors import StudyError

_ANY_SIZE = (2**14, 2**14)


def read(
    path: PathLike, sensor_size: Sequence[int] | None = None, time_unit: str | None = None
) -> EventRecording:
    """Read a DAT file of events of pixels (CD or 2D), version 1 or 2; its times are us.

    Raises:
        StudyError: the file has a fault, or faery isn't installed.
    """
    return read_apart(__name__, "faery", path, "a DAT recording of Prophesee", sensor_size, "us")


def parts(path: str, faery: ModuleType) -> Iterator[dict[str, object]]:
    """Yield the size that the header states, then the events. Runs in the process apart."""
    with faery.dat.Decoder(path, _ANY_SIZE, None) as decoder:
        if decoder.event_type not in ("cd", "2d"):
            raise StudyError(f"holds events of type {decoder.event_type}, expected cd or 2d")
        if decoder.dimensions != _ANY_SIZE:
            yield {"sensor_size": list(decoder.dimensions)}
        for packet in decoder:
            columns = {name: packet[name] for name in "txy"}
            yield {**columns, "p": packet["payload"] > 0}
