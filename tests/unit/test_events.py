"""The recordings' formats: round trips, bytes worked out by hand, faults, real files."""

import io
import itertools
import logging
import math
import struct
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dvs_snn.events import recording as module
from dvs_snn.events.recording import (
    EVENT_DTYPE,
    SUFFIXES,
    EventRecording,
    read_aedat,
    read_nmnist,
    read_npz,
    read_recording,
    write_aedat,
    write_nmnist,
    write_npz,
)
from dvs_snn.files.errors import StudyError

REAL = Path(__file__).parents[2].parent / "shared" / "data"
needs_real_files = pytest.mark.skipif(not REAL.exists(), reason="no real recordings here")

property_test = settings(max_examples=150, deadline=None, database=None)

HEADER = b"#!AER-DAT2.0\r\n# made by a test\r\n"


def made(rows, sensor_size=(128, 128), **more):
    return EventRecording(np.array(rows, EVENT_DTYPE), sensor_size, **more)


def aedat(*records, header=HEADER):
    return header + b"".join(struct.pack(">II", *record) for record in records)


def address(x, y, on):
    return y << 8 | x << 1 | (0 if on else 1)


def nmnist(*records):
    """Records (x, y, on, time) as 5 bytes: polarity is the top bit of the last three."""
    return b"".join(
        struct.pack(">BB", x, y) + struct.pack(">I", on << 23 | t)[1:] for x, y, on, t in records
    )


def npz_bytes(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def npz_with(**changes):
    """A sound archive of three events with keys changed, or left out (None)."""
    arrays = {"t": np.array([5, 6, 9]), "x": np.array([0, 1, 2]), "y": np.array([3, 4, 5])}
    arrays |= {"p": np.array([True, False, True]), "sensor_size": np.array([8, 6])}
    arrays |= changes
    return npz_bytes(**{key: value for key, value in arrays.items() if value is not None})


def zip_bytes(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def npy_bytes(array):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array))
    return stream.getvalue()


def rows_of(recording):
    return [tuple(row) for row in recording.events.tolist()]


def fault(path, *needles, **options):
    """The sentence of the fault that reading raises; it names the file and has the needles."""
    with pytest.raises(StudyError) as caught:
        read_recording(path, **options)
    sentence = str(caught.value)
    assert path.name in sentence
    assert "\n" not in sentence
    assert not sentence.endswith(".")
    for needle in needles:
        assert needle in sentence, sentence
    return sentence


@pytest.fixture
def put(tmp_path):
    def put_file(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put_file


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("events")


# --- the record ---------------------------------------------------------------------------


def test_recording_tells_count_duration_and_on_share():
    recording = made([(10, 0, 0, True), (10, 1, 0, False), (2_500_010, 2, 3, False)], (3, 4))
    assert recording.n_events == 3
    assert recording.duration_s == 2.5
    assert recording.on_share == pytest.approx(1 / 3)
    assert recording.sensor_size == (3, 4)
    assert (recording.has_polarity, recording.n_resorted) == (True, 0)


def test_on_share_without_polarity_is_nan():
    assert math.isnan(made([(0, 0, 0, True)], has_polarity=False).on_share)


def test_event_dtype_is_the_interface():
    assert EVENT_DTYPE.names == ("t", "x", "y", "p")
    assert [EVENT_DTYPE[name] for name in EVENT_DTYPE.names] == [
        np.dtype(kind) for kind in (np.int64, np.uint16, np.uint16, np.bool_)
    ]


def test_recording_takes_a_list_as_sensor_size_and_is_frozen():
    recording = made([(0, 0, 0, True)], [3, np.int64(4)])
    assert recording.sensor_size == (3, 4)
    assert type(recording.sensor_size) is tuple
    with pytest.raises(AttributeError):
        recording.n_resorted = 3


@pytest.mark.parametrize(
    ("events", "sensor_size", "needle"),
    [
        (np.zeros(3, np.int64), (4, 4), "dtype int64"),
        ([(0, 0, 0, True)], (4, 4), "dtype list"),
        (np.zeros((2, 2), EVENT_DTYPE), (4, 4), "shape (2, 2)"),
        (np.zeros(0, EVENT_DTYPE), (4, 4), "no events"),
        (np.array([(-1, 0, 0, True)], EVENT_DTYPE), (4, 4), "-1 us"),
        (np.array([(5, 0, 0, True), (4, 0, 0, True)], EVENT_DTYPE), (4, 4), "1 events are earlier"),
        (np.array([(0, 4, 0, True)], EVENT_DTYPE), (4, 9), "x below 4"),
        (np.array([(0, 0, 9, True)], EVENT_DTYPE), (4, 9), "y below 9"),
        (np.zeros(1, EVENT_DTYPE), (4,), "(4,)"),
        (np.zeros(1, EVENT_DTYPE), (4, 0), "(4, 0)"),
        (np.zeros(1, EVENT_DTYPE), (4.0, 4.0), "(4.0, 4.0)"),
        (np.zeros(1, EVENT_DTYPE), None, "None"),
    ],
)
def test_recording_refuses_what_breaks_its_conditions(events, sensor_size, needle):
    with pytest.raises(StudyError) as caught:
        EventRecording(events, sensor_size)
    assert needle in str(caught.value)


# --- round trips --------------------------------------------------------------------------


@st.composite
def recordings(draw, max_x, max_y, first=2**20, gap=2**20):
    """Recordings whose first time and gaps are bounded; half of the gaps are small."""
    gaps = draw(
        st.lists(st.one_of(st.integers(0, 40), st.integers(0, gap)), min_size=0, max_size=30)
    )
    times = np.cumsum([draw(st.integers(0, first)), *gaps])
    rows = [
        (int(t), draw(st.integers(0, max_x)), draw(st.integers(0, max_y)), draw(st.booleans()))
        for t in times
    ]
    return made(rows, (max_x + 1, max_y + 1))


def assert_same(found, expected):
    assert found.events.dtype == EVENT_DTYPE
    assert rows_of(found) == rows_of(expected)
    assert found.sensor_size == expected.sensor_size
    assert found.has_polarity == expected.has_polarity
    assert found.n_resorted == 0


@property_test
@given(recording=recordings(65535, 700, first=2**50, gap=2**50))
def test_npz_gives_back_what_was_written(folder, recording):
    write_npz(folder / "a.npz", recording)
    assert_same(read_recording(folder / "a.npz"), recording)


@property_test
@given(recording=recordings(127, 127, first=2**32 - 1, gap=2**31 - 1))
def test_aedat_gives_back_what_was_written_across_wraps_of_the_clock(folder, recording):
    write_aedat(folder / "a.aedat", recording)
    assert_same(read_recording(folder / "a.aedat"), recording)


@property_test
@given(recording=recordings(255, 239, first=2**24, gap=2**25))
def test_nmnist_gives_back_what_was_written_beyond_23_bits(folder, recording):
    write_nmnist(folder / "a.bin", recording)
    assert_same(read_nmnist(folder / "a.bin", recording.sensor_size), recording)


@pytest.mark.parametrize("t", [2**23 - 1, 2**23, 2**23 + 8191, 2**23 + 8192, 2**33])
def test_nmnist_at_the_edges_of_its_clock(tmp_path, t):
    recording = made([(0, 1, 2, True), (t, 3, 4, False), (t + 1, 5, 6, True)], (34, 34))
    write_nmnist(tmp_path / "a.bin", recording)
    assert_same(read_nmnist(tmp_path / "a.bin"), recording)


def test_npz_without_polarity_gives_back_none(tmp_path):
    recording = made([(4, 1, 2, True), (4, 3, 5, True)], (9, 8), has_polarity=False)
    write_npz(tmp_path / "a.npz", recording)
    assert_same(read_npz(tmp_path / "a.npz"), recording)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert sorted(archive) == ["sensor_size", "t", "x", "y"]


def test_npz_is_plain_numpy_and_repeats_byte_for_byte(tmp_path):
    recording = made([(4, 1, 2, True), (7, 3, 5, False)], (9, 8))
    write_npz(tmp_path / "a.npz", recording)
    write_npz(tmp_path / "b.npz", recording)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert archive["t"].tolist() == [4, 7]
        assert archive["t"].dtype == np.int64
        assert archive["x"].tolist() == [1, 3]
        assert archive["x"].dtype == np.uint16
        assert archive["p"].tolist() == [True, False]
        assert archive["sensor_size"].tolist() == [9, 8]


# --- bytes worked out by hand -------------------------------------------------------------


def test_aedat_bytes_by_hand(put):
    # x = 45, y = 67: 67 << 8 = 0x4300, 45 << 1 = 0x5A; the low bit set means OFF.
    path = put("a.aedat", HEADER + bytes.fromhex("0000435B 00000102 0000435A 00010000"))
    recording = read_aedat(path)
    assert rows_of(recording) == [(0x102, 45, 67, False), (0x10000, 45, 67, True)]
    assert recording.sensor_size == (128, 128)


def test_aedat_written_bytes_by_hand(tmp_path):
    write_aedat(tmp_path / "a.aedat", made([(2**32 + 1, 45, 67, False), (2**32 + 2, 127, 0, True)]))
    content = (tmp_path / "a.aedat").read_bytes()
    assert content.startswith(b"#!AER-DAT2.0\r\n#")
    assert content.endswith(b"\r\n" + bytes.fromhex("0000435B 00000001 000000FE 00000002"))


def test_aedat_clock_wraps_and_a_straggler_stays_before_the_wrap(put):
    late, wrapped = 2**32 - 3, 2**32 + 4
    ticks = (late - 1, 4, late, 9)
    path = put("a.aedat", aedat(*((address(1, 1, True), tick) for tick in ticks)))
    recording = read_aedat(path)
    assert recording.events["t"].tolist() == [late - 1, late, wrapped, 2**32 + 9]
    assert recording.n_resorted == 1


def test_aedat_clock_wraps_twice(put):
    ticks = (2**31, 2**32 - 1, 0, 2**31 - 1, 2**32 - 2, 5)
    path = put("a.aedat", aedat(*((address(1, 1, True), tick) for tick in ticks)))
    expected = [2**31, 2**32 - 1, 2**32, 2**32 + 2**31 - 1, 2**33 - 2, 2**33 + 5]
    assert read_aedat(path).events["t"].tolist() == expected


def test_aedat_jump_of_exactly_half_the_clock_is_no_wrap(put):
    path = put("a.aedat", aedat((address(1, 1, True), 2**31), (address(2, 2, True), 0)))
    recording = read_aedat(path)
    assert recording.events["t"].tolist() == [0, 2**31]
    assert recording.n_resorted == 1


def test_aedat_long_pause_before_the_first_wrap_is_kept(put):
    ticks = (0, 2**32 - 9, 5)
    path = put("a.aedat", aedat(*((address(1, 1, True), tick) for tick in ticks)))
    assert read_aedat(path).events["t"].tolist() == [0, 2**32 - 9, 2**32 + 5]


def test_aedat_special_records_are_dropped_but_tell_the_time(put):
    event = address(7, 8, True)
    special = [(event | 1 << bit, 2**32 - 1) for bit in (15, 29, 31)]
    path = put("a.aedat", aedat((event, 2**31 + 9), *special, (event, 3), (event, 4), (event, 5)))
    assert [row[0] for row in rows_of(read_aedat(path))] == [
        2**31 + 9, 2**32 + 3, 2**32 + 4, 2**32 + 5,
    ]  # fmt: skip


def test_aedat_special_record_that_begins_like_a_header_line(put):
    # 0x23 is '#', and the time of the event after it holds 0x0A, the end of a line.
    path = put(
        "a.aedat", aedat((0x23000000, 1), (address(7, 8, True), 10), (address(1, 2, True), 11))
    )
    assert rows_of(read_aedat(path)) == [(10, 7, 8, True), (11, 1, 2, True)]


def test_aedat_mostly_special_records_are_suspicious(put, caplog):
    path = put("a.aedat", aedat((1 << 20, 0), (1 << 21, 1), (address(1, 2, True), 2)))
    with caplog.at_level(logging.WARNING, logger="dvs_snn.events.recording"):
        assert read_aedat(path).n_events == 1
    assert "2 of 3 records are special" in caplog.text
    assert str(path) in caplog.text


def test_nmnist_bytes_by_hand(put):
    path = put("a.bin", bytes.fromhex("0A 0B 800001  21 20 012345  00 00 FFFFFF"))
    recording = read_nmnist(path)
    assert rows_of(recording) == [
        (1, 10, 11, True), (0x12345, 33, 32, False), (0x7FFFFF, 0, 0, True),
    ]  # fmt: skip
    assert recording.sensor_size == (34, 34)


def test_nmnist_overflow_records_by_hand(put):
    path = put(
        "a.bin",
        nmnist((1, 2, 1, 100), (0, 240, 0, 0), (3, 4, 0, 50), (9, 240, 1, 77), (240, 240, 0, 0))
        + nmnist((5, 6, 1, 7)),
    )
    assert rows_of(read_nmnist(path)) == [
        (100, 1, 2, True), (8192 + 50, 3, 4, False), (3 * 8192 + 7, 5, 6, True),
    ]  # fmt: skip


def test_nmnist_written_bytes_by_hand(tmp_path):
    recording = made([(0x12345, 33, 32, False), (2**23 + 5, 10, 11, True)], (34, 34))
    write_nmnist(tmp_path / "a.bin", recording)
    # 2^23 + 5 is 8,192 + 0x7FE005: one overflow, then that time with the polarity bit set.
    assert (tmp_path / "a.bin").read_bytes() == bytes.fromhex("2120012345 00F0000000 0A0BFFE005")


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ([True, False, True], [True, False, True]),
        ([1, 0, 1], [True, False, True]),
        ([1, -1, 1], [True, False, True]),
        ([1.0, -1.0, 1.0], [True, False, True]),
        (np.array([1, 0, 1], np.uint8), [True, False, True]),
        ([-1, -1, -1], [False, False, False]),
    ],
)
def test_npz_polarity_in_each_spelling(put, p, expected):
    recording = read_npz(put("a.npz", npz_with(p=np.array(p))))
    assert recording.events["p"].tolist() == expected
    assert recording.has_polarity


@pytest.mark.parametrize("dtype", ["u1", "i2", ">i4", "u8", "f2", ">f4", "f8", "g"])
def test_npz_numbers_of_any_dtype(put, dtype):
    keys = {"t": [5, 6, 9], "x": [0, 1, 2], "y": [3, 4, 5], "sensor_size": [8, 6]}
    content = npz_with(**{key: np.array(values, dtype) for key, values in keys.items()})
    recording = read_npz(put("a.npz", content))
    assert rows_of(recording) == [(5, 0, 3, True), (6, 1, 4, False), (9, 2, 5, True)]
    assert recording.sensor_size == (8, 6)


def test_npz_without_polarity_counts_every_event_as_on(put):
    recording = read_npz(put("a.npz", npz_with(p=None)))
    assert recording.events["p"].all()
    assert not recording.has_polarity


def test_npz_compressed_and_with_further_keys(put):
    stream = io.BytesIO()
    note = np.array(["any", "text"])
    np.savez_compressed(stream, t=[1], x=[2], y=[3], note=note, more=np.array([None]))
    assert rows_of(read_npz(put("a.npz", stream.getvalue()))) == [(1, 2, 3, True)]


def test_npz_sensor_size_from_caller_then_file_then_events(put):
    path = put("a.npz", npz_with())
    bare = put("b.npz", npz_with(sensor_size=None))
    assert read_recording(path).sensor_size == (8, 6)
    assert read_recording(path, (640, 480)).sensor_size == (640, 480)
    assert read_recording(bare).sensor_size == (3, 6)
    assert read_recording(bare, [20, 30]).sensor_size == (20, 30)


def test_caller_says_the_sensor_of_the_other_formats(put):
    wide = put("a.bin", nmnist((200, 100, 1, 5)))
    assert read_recording(wide, (304, 240)).sensor_size == (304, 240)
    fault(wide, "byte 0", "x = 200", "x below 34")
    camera = put("a.aedat", aedat((address(60, 50, True), 1), (address(5, 70, True), 1)))
    assert read_recording(camera, (64, 128)).sensor_size == (64, 128)
    fault(camera, f"byte {len(HEADER) + 8}", "y = 70", "y below 64", sensor_size=(64, 64))


# --- time out of order --------------------------------------------------------------------


def test_unsorted_events_are_sorted_stably_counted_and_reported(put, caplog):
    rows = [(0, 3, 1, 50), (1, 3, 1, 20), (2, 3, 0, 50), (3, 3, 0, 10), (4, 3, 0, 20)]
    path = put("late.bin", nmnist(*rows))
    with caplog.at_level(logging.WARNING, logger="dvs_snn.events.recording"):
        recording = read_recording(path)
    assert [(row[0], row[1]) for row in rows_of(recording)] == [
        (10, 3), (20, 1), (20, 4), (50, 0), (50, 2),
    ]  # fmt: skip
    assert recording.n_resorted == 2
    (record,) = caplog.records
    assert record.name == "dvs_snn.events.recording"
    assert record.levelno == logging.WARNING
    assert str(path) in caplog.text
    assert "2 of 5 events" in caplog.text


def test_sorted_events_are_not_reported(put, caplog):
    assert read_recording(put("a.npz", npz_with())).n_resorted == 0
    assert not caplog.records


@property_test
@given(times=st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_sorting_keeps_all_events_and_the_order_of_equal_times(folder, times):
    index = np.arange(len(times))
    path = folder / "unsorted.npz"
    path.write_bytes(npz_bytes(t=np.array(times), x=index, y=index))
    recording = read_npz(path)
    expected = sorted(zip(times, index.tolist(), strict=True))
    assert [(row[0], row[1]) for row in rows_of(recording)] == expected
    drops = sum(b < a for a, b in itertools.pairwise(times))
    assert recording.n_resorted == drops


# --- faults -------------------------------------------------------------------------------


def test_suffixes_and_an_unknown_one(put):
    assert SUFFIXES == (".npz", ".aedat", ".bin")
    fault(put("a.csv", b"1,2"), "'.csv'", ".npz, .aedat, .bin")
    fault(put("a", b"1,2"), "suffix ''")


def test_suffix_in_capitals(put):
    assert read_recording(put("A.AEDAT", aedat((address(1, 2, True), 3)))).n_events == 1


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_fault_missing_file_empty_file_and_folder(tmp_path, put, suffix):
    fault(tmp_path / f"none{suffix}", "no such file", "expected a recording")
    fault(put(f"empty{suffix}", b""), "empty (0 bytes)", "expected")
    (tmp_path / f"folder{suffix}").mkdir()
    fault(tmp_path / f"folder{suffix}", "cannot be read")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("sensor_size", [(0, 3), (3,), (3, 4, 5), (2.5, 3), (2**17, 4), "ab"])
def test_fault_sensor_size_of_the_caller(put, suffix, sensor_size):
    path = put(f"a{suffix}", b"anything")
    with pytest.raises(StudyError, match="expected width and height"):
        read_recording(path, sensor_size)


@pytest.mark.parametrize("n_left", [1, 4])
def test_fault_nmnist_cut_off(put, n_left):
    path = put("cut.bin", nmnist((1, 2, 1, 3), (1, 2, 1, 4)) + b"\1" * n_left)
    fault(path, "record at byte 10", f"has {n_left} bytes", "expected 5")


@pytest.mark.parametrize("n_left", [1, 7])
def test_fault_aedat_cut_off(put, n_left):
    path = put("cut.aedat", aedat((address(1, 2, True), 3)) + b"\0" * n_left)
    fault(path, f"record at byte {len(HEADER) + 8}", f"has {n_left} bytes", "expected 8")


@pytest.mark.parametrize("header", [HEADER, b"#!AER-DAT2.0", b"#!AER-DAT2.0\n# no end of line"])
def test_fault_aedat_of_a_header_only(put, header):
    fault(put("head.aedat", header), f"header at byte {len(header)}", "expected events")


def test_fault_aedat_of_special_records_only(put):
    path = put("a.aedat", aedat((1 << 15, 3), (1 << 31, 3)))
    fault(path, "all 2 records", f"byte {len(HEADER)}", "expected events")


def test_fault_nmnist_of_overflows_only(put):
    fault(put("a.bin", nmnist((0, 240, 0, 0))), "byte 0", "y = 240", "expected events")


def test_fault_nmnist_coordinate_names_the_byte_past_overflows(put):
    path = put("a.bin", nmnist((0, 240, 0, 0), (1, 1, 0, 0), (0, 240, 0, 0), (2, 34, 0, 0)))
    fault(path, "event at byte 15", "x = 2, y = 34", "y below 34")


def test_fault_aedat_coordinate_names_the_byte_past_special_records(put):
    path = put("a.aedat", aedat((1 << 20, 0), (address(1, 1, True), 0), (address(70, 1, True), 0)))
    fault(path, f"event at byte {len(HEADER) + 16}", "x = 70", "x below 64", sensor_size=(64, 64))


@pytest.mark.parametrize(
    ("content", "needle"),
    [
        (npz_with(), "like a zip archive"),
        (b"#!AER-DAT3.1\r\n", "like an AEDAT file ('#!AER-DAT3.1')"),
        (b"\x00\x00\x43\x5a\x00\x00\x00\x01", "'\\x00\\x00CZ"),
        (b"# no version\r\n" + bytes(8), "'# no version"),
    ],
)
def test_fault_aedat_without_its_first_line(put, content, needle):
    fault(put("a.aedat", content), "byte 0", needle, "expected the first line #!AER-DAT2.0")


@pytest.mark.parametrize(
    ("content", "needle"),
    [
        (npz_with(), "like a zip archive"),
        (aedat((address(1, 2, True), 3)), "like an AEDAT file ('#!AER-DAT2.0')"),
        (npy_bytes([1, 2, 3]), "like a single numpy array"),
    ],
)
def test_fault_nmnist_that_is_another_format(put, content, needle):
    fault(put("a.bin", content), "byte 0", needle, "expected N-MNIST records of 5 bytes")


@pytest.mark.parametrize(
    ("content", "needle"),
    [
        (aedat((address(1, 2, True), 3)), "like an AEDAT file"),
        (npy_bytes([1, 2, 3]), "like a single numpy array"),
        (nmnist((1, 2, 1, 3)), "'\\x01\\x02\\x80"),
        (npz_with()[:200], "like a zip archive and no whole zip archive follows"),
    ],
)
def test_fault_npz_that_is_no_zip(put, content, needle):
    fault(put("a.npz", content), "byte 0", needle, "expected a numpy archive (.npz)")


@pytest.mark.parametrize("key", ["t", "x", "y"])
def test_fault_npz_key_missing(put, key):
    sentence = fault(put("a.npz", npz_with(**{key: None})), f"key '{key}' is missing", "expected t")
    assert "'sensor_size'" in sentence


def test_fault_npz_of_an_empty_zip(put):
    fault(put("a.npz", zip_bytes()), "key 't' is missing", "found none")


@pytest.mark.parametrize(
    ("changes", "needles"),
    [
        ({"t": np.array(["a", "b", "c"])}, ("key 't'", "dtype <U1", "expected whole numbers")),
        ({"x": np.array([1j, 2, 3])}, ("key 'x'", "complex128", "expected whole numbers")),
        ({"y": np.array([True, False, True])}, ("key 'y'", "dtype bool")),
        ({"t": np.array([1, 2, 3], "m8[us]")}, ("key 't'", "timedelta64")),
        ({"t": np.zeros(3, EVENT_DTYPE)}, ("key 't'", "dtype [(")),
        ({"p": np.array([b"+", b"-", b"+"])}, ("key 'p'", "|S1", "booleans or numbers")),
        ({"x": np.array([1, 2, None])}, ("key 'x'", "pickled object array", "expected numbers")),
        ({"x": np.zeros((3, 1), int)}, ("key 'x'", "shape (3, 1)", "expected one dimension")),
        ({"t": np.array(3)}, ("key 't'", "shape ()", "expected one dimension")),
        ({"x": np.array([1, 2])}, ("'t' 3", "'x' 2", "expected as many")),
        ({"p": np.array([1, 0, 1, 0])}, ("'p' 4", "expected as many")),
        ({"t": np.array([3, -7, 8])}, ("key 't' holds -7 at index 1", "0 or more")),
        ({"t": np.array([3.0, 4, np.nan])}, ("key 't' holds nan at index 2", "finite")),
        ({"t": np.array([3.0, np.inf, 4])}, ("key 't' holds inf at index 1", "finite")),
        ({"t": np.array([3.0, 4.5, 5])}, ("key 't' holds 4.5 at index 1", "whole")),
        ({"t": np.array([3.0, 4, 1e30])}, ("key 't' holds 1e+30 at index 2", "below 2^63")),
        ({"t": np.array([1, 2, 2**63], np.uint64)}, ("key 't'", str(2**63), "below 2^63")),
        ({"x": np.array([0, 8, 0])}, ("key 'x' holds 8 at index 1", "0 to 7", "width 8")),
        ({"y": np.array([0, 0, 6])}, ("key 'y' holds 6 at index 2", "0 to 5", "height 6")),
        ({"x": np.array([-1, 0, 0])}, ("key 'x' holds -1 at index 0", "from 0")),
        ({"y": np.array([0, 65536, 0]), "sensor_size": None}, ("key 'y' holds 65536", "to 65535")),
        ({"p": np.array([0, 1, 2])}, ("key 'p' holds 2 at index 2", "0 and 1, or -1 and 1")),
        ({"p": np.array([0, 1, -(2**63)])}, ("key 'p' holds -9223372036854775808",)),
        ({"p": np.array([1, -1, 0])}, ("key 'p' holds 0 at index 2", "not -1 and 0")),
        ({"p": np.array([0, 0.5, 1])}, ("key 'p' holds 0.5 at index 1", "whole")),
        ({"sensor_size": np.array([8])}, ("key 'sensor_size'", "[8]", "width and height")),
        ({"sensor_size": np.array([8, 0])}, ("key 'sensor_size'", "[8, 0]")),
        ({"sensor_size": np.array(["8", "9"])}, ("key 'sensor_size'", "dtype <U1")),
    ],
)
def test_fault_npz_content(put, changes, needles):
    fault(put("a.npz", npz_with(**changes)), *needles)


def test_fault_npz_without_events(put):
    empty = np.zeros(0, int)
    path = put("a.npz", npz_bytes(t=empty, x=empty, y=empty))
    fault(path, "key 't' holds no events", "expected at least one")


def test_fault_npz_coordinate_outside_the_callers_sensor(put):
    path = put("a.npz", npz_with())
    fault(path, "key 'x' holds 2 at index 2", "0 to 1", sensor_size=(2, 9))


def test_fault_npz_larger_than_the_limit(put, monkeypatch):
    path = put("a.npz", npz_with(t=np.zeros(2000), x=np.zeros(2000), y=np.zeros(2000), p=None))
    assert read_npz(path).n_events == 2000
    monkeypatch.setattr(module, "MAX_MEMBER_BYTES", 9000)
    fault(path, "key 't' unpacks to", "expected at most 9000")
    # As int64 small numbers grow eightfold; that counts too.
    small = np.zeros(2000, np.uint8)
    fault(put("b.npz", npz_with(t=small, x=small, y=small, p=None)), "unpacks to 16000")


def test_fault_npz_that_declares_more_than_4_gib(put):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for key in "txy":
            archive.writestr(f"{key}.npy", npy_bytes(np.zeros(9)))
        archive.filelist[0].file_size = 5 * 2**30
    fault(put("bomb.npz", stream.getvalue()), "key 't' unpacks to 5368709120", "134217728")


@pytest.mark.parametrize("n_declared", [2, 4, 10**7])
def test_fault_npz_header_and_data_disagree(put, n_declared):
    lie = npy_bytes(np.zeros(3)).replace(b"(3,), }", f"({n_declared},), }}".encode())
    members = {key: npy_bytes([1, 2, 3]) for key in "xy"}
    needle = f"expected {8 * n_declared} ({n_declared} values"
    # A longer number moves the end of the header, so the bytes of data that are left differ.
    fault(put("a.npz", zip_bytes(t=lie, **members)), "key 't' has ", needle)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUM",
        b"\x93NUMPY\x01\x00\x76\x00",
        b"\x93NUMPY\x09\x00" + bytes(90),
        b"\x93NUMPY\x01\x00\x04\x00{[(\n",
        b"no array at all, only text",
    ],
)
def test_fault_npz_member_is_no_array(put, content):
    path = put("a.npz", zip_bytes(t=content, x=npy_bytes([1]), y=npy_bytes([1])))
    fault(path, "key 't' cannot be unpacked", "expected a numpy array")


def test_fault_npz_damaged_member(put):
    stream = io.BytesIO()
    np.savez_compressed(stream, t=np.arange(999), x=np.zeros(999), y=np.zeros(999))
    content = bytearray(stream.getvalue())
    content[200:230] = bytes(30)
    fault(put("a.npz", bytes(content)), "key 't' cannot be unpacked", "damaged")


def test_fault_npz_wrong_checksum(put):
    content = npz_bytes(t=np.array([0x1122334455]), x=np.array([1]), y=np.array([1]))
    assert content.count(struct.pack("<q", 0x1122334455)) == 1
    damaged = content.replace(struct.pack("<q", 0x1122334455), struct.pack("<q", 0x1122334456))
    fault(put("a.npz", damaged), "key 't' cannot be unpacked", "CRC")


def test_fault_npz_encrypted(put):
    content = bytearray(npz_with())
    content[content.index(b"PK\1\2") + 8] |= 1  # the flag in the archive's directory
    content[6] |= 1
    fault(put("a.npz", bytes(content)), "key 't' cannot be unpacked")


# --- any bytes ----------------------------------------------------------------------------


def read_or_refuse(path, content):
    """Reading gives a recording or a StudyError of one sentence, and nothing else."""
    path.write_bytes(content)
    sentence = None
    try:
        recording = read_recording(path)
    except StudyError as error:
        sentence = str(error)
    if sentence is None:
        assert recording.n_events > 0
    else:
        assert path.name in sentence
        assert "\n" not in sentence


@property_test
@given(
    suffix=st.sampled_from(SUFFIXES),
    start=st.sampled_from([b"", HEADER, b"PK\x03\x04", b"#!AER-DAT2.0"]),
    content=st.binary(max_size=200),
)
def test_any_bytes_give_a_recording_or_a_sentence(folder, suffix, start, content):
    read_or_refuse(folder / f"any{suffix}", start + content)


SOUND = {
    ".npz": [
        npz_with(),
        npz_with(t=np.array([5.0, 6, 9], ">f4"), p=np.array([1, -1, 1], "i1")),
    ],
    ".aedat": [aedat((address(1, 2, True), 3), (address(3, 4, False), 9), (1 << 20, 10))],
    ".bin": [nmnist((1, 2, 1, 3), (0, 240, 0, 0), (3, 4, 0, 9))],
}


def compressed():
    stream = io.BytesIO()
    np.savez_compressed(stream, t=np.arange(50) * 7, x=np.arange(50) % 9, y=np.arange(50) % 5)
    return stream.getvalue()


SOUND[".npz"].append(compressed())


@settings(property_test, max_examples=500)
@given(data=st.data(), suffix=st.sampled_from(SUFFIXES))
def test_damaged_bytes_give_a_recording_or_a_sentence(folder, data, suffix):
    content = bytearray(data.draw(st.sampled_from(SOUND[suffix])))
    places = st.integers(0, len(content) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=6)):
        content[place] = value
    end = data.draw(st.one_of(st.none(), places))
    read_or_refuse(folder / f"damaged{suffix}", bytes(content[:end]))


# --- writing ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("write", "rows", "sensor_size", "needles"),
    [
        (write_aedat, [(0, 128, 0, True)], (200, 200), ("x = 128", "x below 128", ".npz")),
        (write_aedat, [(0, 0, 130, True)], (200, 200), ("y = 130", "y below 128")),
        (write_aedat, [(0, 0, 0, True), (2**31, 0, 0, True)], (1, 1), ("2147483648 us", "2^31")),
        (write_nmnist, [(0, 256, 0, True)], (300, 300), ("x = 256", "x below 256")),
        (write_nmnist, [(0, 0, 240, True)], (300, 300), ("y = 240", "y below 240")),
        (write_nmnist, [(2**40, 0, 0, True)], (34, 34), (str(2**40), "34368126975 us")),
    ],
)
def test_what_a_format_cannot_hold_is_refused_and_nothing_is_left(
    tmp_path, write, rows, sensor_size, needles
):
    path = tmp_path / "out.any"
    with pytest.raises(StudyError) as caught:
        write(path, made(rows, sensor_size))
    for needle in ("out.any", *needles):
        assert needle in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "write"), [("a.npz", write_npz), ("a.aedat", write_aedat), ("a.bin", write_nmnist)]
)
def test_interrupted_writing_keeps_the_old_file_and_leaves_no_other(
    tmp_path, monkeypatch, name, write
):
    recording = made([(4, 1, 2, True), (7, 3, 5, False)], (34, 34))
    path = tmp_path / name
    write(path, recording)
    before = path.read_bytes()

    def half_written(self, content):
        with open(self, "wb") as stream:
            stream.write(content[: len(content) // 2])
        raise OSError("disk full")

    def half_saved(stream, **arrays):
        stream.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", half_written)
    monkeypatch.setattr(np, "savez_compressed", half_saved)
    for target in (path, tmp_path / f"new-{name}"):
        with pytest.raises(OSError, match="disk full"):
            write(target, recording)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    assert path.read_bytes() == before


# --- real files ---------------------------------------------------------------------------


@needs_real_files
@pytest.mark.parametrize(
    ("name", "n_events", "duration_s", "on_share"),
    [
        ("mnist_0_scale04_0001.aedat", 15_744, 2.211, 0.50),
        ("mnist_0_scale08_0001_qt1.aedat", 5_078, 0.1966, 0.54),
        ("mnist_0_scale16_0001_qt1.aedat", 11_209, 0.1966, 0.52),
    ],
)
def test_real_mnist_dvs(tmp_path, name, n_events, duration_s, on_share):
    path = REAL / "mnist-dvs" / "0" / name
    recording = read_recording(path)
    assert recording.n_events == n_events
    assert recording.duration_s == pytest.approx(duration_s, rel=5e-4)
    assert recording.on_share == pytest.approx(on_share, abs=5e-3)
    assert recording.sensor_size == (128, 128)
    write_aedat(tmp_path / name, recording)
    records = recording.n_events * 8
    assert (tmp_path / name).read_bytes()[-records:] == path.read_bytes()[-records:]


@needs_real_files
def test_real_nmnist(tmp_path):
    train = [sorted((REAL / "nmnist" / "train" / str(digit)).glob("*.bin")) for digit in range(10)]
    test = sorted((REAL / "nmnist" / "test").glob("*/*.bin"))
    assert [len(paths) for paths in train] == [97, 116, 99, 93, 105, 92, 94, 117, 87, 100]
    assert len(test) == 10
    paths = [path for of_digit in train for path in of_digit] + test
    begin = time.perf_counter()
    recordings = [read_recording(path) for path in paths]
    seconds = time.perf_counter() - begin
    counts = np.array([recording.n_events for recording in recordings])
    assert (counts.min(), counts.max()) == (1_112, 7_152)
    assert round(100 * np.mean(counts < 3_000)) == 21
    assert counts.tolist() == [path.stat().st_size // 5 for path in paths]
    assert all(0.25 < recording.duration_s < 0.35 for recording in recordings)
    assert seconds < 5, "a third of a second is usual"
    for path, recording in zip(test, recordings[-10:], strict=True):
        if not recording.n_resorted:
            write_nmnist(tmp_path / path.name, recording)
            assert (tmp_path / path.name).read_bytes() == path.read_bytes()
