"""Recordings as Prophesee's DAT: faery's files, bytes worked out by hand, and faults."""

import pytest
from foreign_files import a_walk, by_faery, header
from made_recordings import assert_same, rows_of
from recording_bytes import fault

from dvs_snn.recordings.recording import read_recording

pytest.importorskip("faery")


@pytest.mark.parametrize(("version", "size"), [("dat2", (1280, 720)), ("dat1", (304, 240))])
@pytest.mark.parametrize("zero_t0", [True, False])
def test_dat_gives_back_what_faery_wrote(tmp_path, version, size, zero_t0):
    recording = a_walk(size=size)
    path = by_faery(tmp_path / "a.dat", recording, version=version, zero_t0=zero_t0)
    assert_same(read_recording(path), recording)


@pytest.mark.parametrize("kind", [b"\x00\x08", b"\x0c\x08"])
def test_dat_bytes_by_hand(put, kind):
    # Time 258 us, x = 5 (bits 0 to 13), y = 7 (bits 14 to 27), polarity in bit 28.
    event = bytes.fromhex("02010000") + (5 | 7 << 14 | 1 << 28).to_bytes(4, "little")
    path = put("a.dat", header("Data file containing CD events.", "Version 2") + kind + event)
    recording = read_recording(path)
    assert rows_of(recording) == [(258, 5, 7, True)]
    assert recording.sensor_size == (6, 8)
    assert read_recording(path, (640, 480)).sensor_size == (640, 480)


@pytest.mark.parametrize(
    ("content", "needles"),
    [
        (header("Version 2") + b"\x0e\x08" + bytes(8), ("type trigger, expected cd or 2d",)),
        (header("Version 3") + b"\x0c\x08" + bytes(8), ("faery can't read it", "version")),
    ],
)
def test_fault_dat(put, content, needles):
    fault(put("a.dat", content), *needles)
