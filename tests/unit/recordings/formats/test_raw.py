"""Recordings as Prophesee's RAW: faery's files, words worked out by hand, and faults."""

import pytest
from foreign_files import a_walk, by_faery, evt2, evt3, header
from made_recordings import assert_same, rows_of
from recording_bytes import fault

from dvs_snn.recordings.recording import read_recording

pytest.importorskip("faery")

EVT2 = header("evt 2.0", "geometry 640x480")
EVT3 = header("date 2023-10-19", "evt 3.0", "format EVT3", "geometry 1280x720")


@pytest.mark.parametrize("version", ["evt2", "evt3"])
@pytest.mark.parametrize("zero_t0", [True, False])
def test_raw_gives_back_what_faery_wrote(tmp_path, version, zero_t0):
    recording = a_walk()
    path = by_faery(tmp_path / "a.raw", recording, version=version, zero_t0=zero_t0)
    assert_same(read_recording(path), recording)


def test_evt2_words_by_hand(put):
    # The first event stands before the first full time: it is left out.
    words = [(9, 1, 1, 1), (5,), (3, 639, 479, 1), (6,), (0, 0, 7, 0)]
    recording = read_recording(put("a.raw", EVT2 + evt2(*words)))
    assert rows_of(recording) == [(323, 639, 479, True), (384, 0, 7, False)]
    assert recording.sensor_size == (640, 480)


def test_evt3_words_by_hand(put):
    words = [
        (0, 3), (2, 1 << 11 | 5),  # before the first full time: left out
        (8, 2), (6, 10), (0, 719), (2, 1 << 11 | 1279),  # row 719, ON at column 1279
        (6, 11), (0, 4), (3, 100), (4, 0b101), (5, 0b10000000),  # OFF: 100, 102 and 100 + 12 + 7
    ]  # fmt: skip
    recording = read_recording(put("a.raw", EVT3 + evt3(*words)))
    assert rows_of(recording) == [
        (8202, 1279, 719, True), (8203, 100, 4, False), (8203, 102, 4, False),
        (8203, 119, 4, False),
    ]  # fmt: skip
    assert recording.sensor_size == (1280, 720)


@pytest.mark.parametrize(
    ("content", "needles"),
    [
        (b"\0" * 40, ("has no header", "expected a RAW recording", "docs/converting.md")),
        (header("evt 2.1"), ("encoding '2.1'", "EVT2 or EVT3", "docs/converting.md")),
        (header("format EVT21;height=9;width=9", "end"), ("encoding 'EVT21'",)),
        (header("date today"), ("faery can't read it", "no version")),
        (EVT2, ("holds no time after its header",)),
        (EVT2 + evt2((5,), (6,)), ("holds no events",)),
        (EVT2 + evt2((5,), (3, 640, 7, 1)), ("faery can't read it", "x=640")),
    ],
)
def test_fault_raw(put, content, needles):
    fault(put("a.raw", content), *needles)
