"""Recordings as AEDAT 4.0 of the DV software, `.aedat4`, through the package faery."""

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.event_columns import joined, library, recording_of_columns
from dvs_snn.recordings.recording import EventRecording, PathLike, Size

EXPECTED = "an AEDAT 4.0 recording"
_SIZE_AT = 14
_HEADER_AT = 18


def read(path: PathLike, sensor_size: Size = None, time_unit: str | None = None) -> EventRecording:
    """Read the one stream of events of an AEDAT 4.0 file, us since 1970; StudyError on a fault."""
    _refuse_header(path)
    with library(path, "faery", EXPECTED) as faery, faery.aedat.Decoder(path) as decoder:
        tracks = [track for track in decoder.tracks() if track.data_type == "events"]
        if len(tracks) != 1:
            raise StudyError(
                f"{path}: holds {len(tracks)} streams of events, expected one; export one"
            )
        columns = joined(path, (packet for track, packet in decoder if track.id == tracks[0].id))
    return recording_of_columns(path, columns, sensor_size or tracks[0].dimensions, "us")


def _refuse_header(path: PathLike) -> None:
    """Raise if the header's XML isn't text: faery 0.7.1 would end the whole process."""
    with open(path, "rb") as file:
        n_bytes = int.from_bytes(file.read(_HEADER_AT)[_SIZE_AT:], "little")
        header = file.read(n_bytes)
    xml = header[header.find(b"<") : header.rfind(b">") + 1]
    try:
        xml.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = _HEADER_AT + header.find(b"<") + error.start
        raise StudyError(
            f"{path}: byte {byte} in its header is {xml[error.start]:#04x}, expected text in UTF-8 "
            f"as in {EXPECTED}; the file is damaged, export it again"
        ) from error
