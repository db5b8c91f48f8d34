"""Recordings as Prophesee's RAW: faery's files, words worked out by hand, and faults."""

import pytest
from foreign_files import a_walk, as_evt21, by_faery, evt2, evt3, evt21, header
from made_recordings import assert_same, from_rows, rows_of
from recording_bytes import fault

from dvs_snn.events.recording import read_recording

EVT2 = header("evt 2.0", "geometry 640x480")
EVT3 = header("date 2023-10-19", "evt 3.0", "format EVT3", "geometry 1280x720")
LITTLE = header("format EVT21;endianness=little;height=320;width=320", "end")
LEGACY = header("format EVT21;height=720;width=1280;endianness=legacy", "end")


@pytest.mark.parametrize("version", ["evt2", "evt3"])
@pytest.mark.parametrize("zero_t0", [True, False])
def test_raw_gives_back_what_faery_wrote(tmp_path, version, zero_t0):
    recording = a_walk()
    path = by_faery(tmp_path / "a.raw", recording, version=version, zero_t0=zero_t0)
    assert_same(read_recording(path), recording)


@pytest.mark.parametrize("legacy", [True, False])
def test_evt21_words_of_single_pixels_give_back_the_recording(put, legacy):
    recording = a_walk()
    assert_same(read_recording(put("a.raw", as_evt21(recording, legacy))), recording)


def test_evt21_bytes_by_hand(put):
    # 0x0102030405060708 stands in the file as 0807060504030201, on the IMX636 as 0403020108070605.
    # Time 5 * 64 us; then ON at 3 us, x = 64, y = 7, of which pixels 0, 1 and 31 fired.
    time, event = 0x8000000500000000, 0x10C2000780000003
    assert event == 1 << 60 | 3 << 54 | 64 << 43 | 7 << 32 | 0x80000003
    expected = [(323, 64, 7, True), (323, 65, 7, True), (323, 95, 7, True)]
    little = b"".join(word.to_bytes(8, "little") for word in (time, event))
    assert rows_of(read_recording(put("a.raw", LITTLE + little))) == expected
    swapped = b"".join(
        (word >> 32).to_bytes(4, "little") + (word & 0xFFFFFFFF).to_bytes(4, "little")
        for word in (time, event)
    )
    recording = read_recording(put("b.raw", LEGACY + swapped))
    assert rows_of(recording) == expected
    assert recording.sensor_size == (1280, 720)


def test_evt21_events_before_the_first_time_are_left_out_and_others_words_too(put):
    words = [(9, 0, 1, 1, 1), (2,), (1, 32, 5, 0, 0b101), (0,), (3, 0, 2, 1, 0)]
    content = bytearray(LITTLE + evt21(words))
    content[len(LITTLE) + 8 * 3 + 7] = 0xE0  # type OTHERS
    recording = read_recording(put("a.raw", bytes(content)))
    assert rows_of(recording) == [(129, 32, 5, False), (129, 34, 5, False)]


def test_evt21_clock_turns_over(put):
    words = [(2**28 - 1,), (63, 0, 0, 1, 1), (0,), (0, 0, 0, 1, 2)]
    recording = read_recording(put("a.raw", LITTLE + evt21(words)))
    assert rows_of(recording) == [(2**34 - 1, 0, 0, True), (2**34, 1, 0, True)]


def test_evt2_words_by_hand(put):
    pytest.importorskip("faery")
    words = [(9, 1, 1, 1), (5,), (3, 639, 479, 1), (6,), (0, 0, 7, 0)]
    recording = read_recording(put("a.raw", EVT2 + evt2(*words)))
    assert rows_of(recording) == [(323, 639, 479, True), (384, 0, 7, False)]
    assert recording.sensor_size == (640, 480)


def test_evt3_words_by_hand(put):
    pytest.importorskip("faery")
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


def test_size_from_caller_then_header_then_events(put):
    words = evt21([(1,), (0, 32, 50, 1, 1)])
    stated, bare = put("a.raw", LITTLE + words), put("b.raw", header("evt 2.1") + words)
    assert read_recording(stated).sensor_size == (320, 320)
    assert read_recording(stated, (64, 60)).sensor_size == (64, 60)
    assert read_recording(bare).sensor_size == (33, 51)
    fault(stated, "'x' holds 32 at index 0", "width 32 pixels", sensor_size=(32, 60))


def test_evt2_without_a_stated_size(put):
    pytest.importorskip("faery")
    path = put("a.raw", header("evt 2.0") + evt2((5,), (3, 639, 479, 1)))
    assert read_recording(path).sensor_size == (640, 480)
    assert read_recording(path, (700, 500)).sensor_size == (700, 500)


@pytest.mark.parametrize(
    ("content", "needles"),
    [
        (b"\0" * 40, ("byte 0 begins with", "lines begin with %", "docs/converting.md")),
        (header("evt 4.0"), ("encoding '4.0'", "EVT2, EVT2.1 or EVT3", "docs/converting.md")),
        (header("format HISTO3D;width=3;height=4"), ("encoding 'HISTO3D'",)),
        (header("date today"), ("encoding ''",)),
        (header("evt 2.1", "geometry 0x7"), ("header: sensor size is [0, 7]",)),
        (LITTLE, ("'t' holds no events",)),
        (LITTLE + evt21([(0, 0, 0, 1, 1)]), ("'t' holds no events",)),
        (LITTLE + evt21([(5,), (0, 32, 9, 1, 1 << 30)], True), ("unknown type 4", "endianness")),
        (LITTLE + evt21([(5,), (0, 320, 9, 1, 1)]), ("'x' holds 320", "width 320")),
    ],
)
def test_fault_raw(put, content, needles):
    fault(put("a.raw", content), *needles)


@pytest.mark.parametrize(
    ("content", "needles"),
    [
        (EVT2, ("holds no time after its header",)),
        (EVT3 + evt3((0, 3), (2, 5)), ("holds no time after its header",)),
        (EVT2 + evt2((5,), (6,)), ("holds no events",)),
        (EVT2 + evt2((5,), (3, 640, 7, 1)), ("faery can't read it", "x=640")),
    ],
)
def test_fault_raw_through_faery(put, content, needles):
    pytest.importorskip("faery")
    fault(put("a.raw", content), *needles)


def test_evt21_that_unpacks_to_too_many_events(put, monkeypatch):

    path = put("a.raw", LITTLE + evt21([(1,), *[(0, 0, 0, 1, 2**32 - 1)] * 9]))
    assert read_recording(path).n_events == 288
    monkeypatch.setattr("dvs_snn.events.format_checks.MAX_EVENTS", 287)
    fault(path, "more than 287 events", "shorter ones")


def test_rows_are_read_in_order_of_time(put):
    words = [(7,), (0, 0, 0, 1, 1), (6,), (0, 0, 1, 1, 1)]
    recording = read_recording(put("a.raw", LITTLE + evt21(words)))
    assert rows_of(recording) == rows_of(from_rows([(384, 0, 1, True), (448, 0, 0, True)]))
    assert recording.n_resorted == 1
