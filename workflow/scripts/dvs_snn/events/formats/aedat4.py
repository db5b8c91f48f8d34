"""Recordings as AEDAT 4.0 of the DV software, `.aedat4`, through the package faery."""

from collections.abc import Iterator, Sequence
from types import ModuleType

from dvs_snn.events.apart import read_apart
from dvs_snn.events.recording import EventRecording, PathLike
from dvs_snn.files.errors import StudyError


def read(
    path: PathLike, sensor_size: Sequence[int] | None = None, time_unit: str | None = None
) -> EventRecording:
    """Read the one stream of events of an AEDAT 4.0 file; its times are us since 1970.

    Raises:
        StudyError: the file has a fault, or faery isn't installed.
    """
    return read_apart(__name__, "faery", path, "an AEDAT 4.0 recording", sensor_size, "us")


def parts(path: str, faery: ModuleType) -> Iterator[dict[str, object]]:
    """Yield the stream's size, then its packets. Runs in the process apart."""
    with faery.aedat.Decoder(path) as decoder:
        tracks = [track for track in decoder.tracks() if track.data_type == "events"]
        if len(tracks) != 1:
            raise StudyError(f"holds {len(tracks)} streams of events, expected one; export one")
        yield {"sensor_size": list(tracks[0].dimensions)}
        for track, packet in decoder:
            if track.id == tracks[0].id:
                fields = zip("txyp", packet.dtype.names, strict=True)
                yield {name: packet[field] for name, field in fields}
