"""Recordings as numpy archives: round trips, every spelling, and faults told in one sentence."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from made_recordings import any_recording, assert_same, from_rows, rows_of
from recording_bytes import (
    address,
    aedat,
    fault,
    nmnist,
    npy_bytes,
    npz_bytes,
    npz_with,
    zip_bytes,
)

from dvs_snn.events.formats import npz
from dvs_snn.events.formats.npz import read, write
from dvs_snn.events.recording import (
    EVENT_DTYPE,
    read_recording,
)
from dvs_snn.files.errors import StudyError

property_test = settings(max_examples=150, deadline=None, database=None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("events")


@property_test
@given(recording=any_recording(65535, 700, first=2**50, gap=2**50))
def test_npz_gives_back_what_was_written(folder, recording):
    write(folder / "a.npz", recording)
    assert_same(read_recording(folder / "a.npz"), recording)


def test_npz_without_polarity_gives_back_none(tmp_path):
    recording = from_rows([(4, 1, 2, True), (4, 3, 5, True)], (9, 8), has_polarity=False)
    write(tmp_path / "a.npz", recording)
    assert_same(read(tmp_path / "a.npz"), recording)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert sorted(archive) == ["sensor_size", "t", "x", "y"]


def test_npz_is_plain_numpy_and_repeats_byte_for_byte(tmp_path):
    recording = from_rows([(4, 1, 2, True), (7, 3, 5, False)], (9, 8))
    write(tmp_path / "a.npz", recording)
    write(tmp_path / "b.npz", recording)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert archive["t"].tolist() == [4, 7]
        assert archive["t"].dtype == np.int64
        assert archive["x"].tolist() == [1, 3]
        assert archive["x"].dtype == np.uint16
        assert archive["p"].tolist() == [True, False]
        assert archive["sensor_size"].tolist() == [9, 8]


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
    recording = read(put("a.npz", npz_with(p=np.array(p))))
    assert recording.events["p"].tolist() == expected
    assert recording.has_polarity


@pytest.mark.parametrize("dtype", ["u1", "i2", ">i4", "u8", "f2", ">f4", "f8", "g"])
def test_npz_numbers_of_any_dtype(put, dtype):
    keys = {"t": [5, 6, 9], "x": [0, 1, 2], "y": [3, 4, 5], "sensor_size": [8, 6]}
    content = npz_with(**{key: np.array(values, dtype) for key, values in keys.items()})
    recording = read(put("a.npz", content))
    assert rows_of(recording) == [(5, 0, 3, True), (6, 1, 4, False), (9, 2, 5, True)]
    assert recording.sensor_size == (8, 6)


@pytest.mark.parametrize(
    ("unit", "times"),
    [
        ("s", [0.5, 0.500001, 2]),
        ("ms", np.array([500, 500.001, 2000], "f4")),
        ("us", [500_000.4, 500_000.6, 2_000_000]),
        ("us", np.array([500_000, 500_001, 2_000_000], "u4")),
        ("ns", [500_000_400, 500_000_500, 2_000_000_499]),
        ("ns", np.array([500_000_400, 500_000_501, 2e9])),
        (None, [500_000, 500_001.0, 2_000_000]),
    ],
)
def test_npz_times_in_each_unit(put, unit, times):
    recording = read_recording(put("a.npz", npz_with(t=np.array(times))), time_unit=unit)
    assert recording.events["t"].tolist() == [500_000, 500_001, 2_000_000]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("dtype", ["i8", "u8", "f8", "f4"])
def test_fault_npz_times_too_late_in_each_unit(put, unit, dtype):
    late = np.array([1, 2, 2**62], dtype)
    path = put("a.npz", npz_with(t=late))
    if unit in ("us", "ns"):
        assert read_recording(path, time_unit=unit).events["t"][0] == (unit == "us")
    else:
        fault(path, "key 't' holds 4", "at index 2, expected numbers below", time_unit=unit)


def test_fault_npz_seconds_without_the_setting_say_what_to_set(put):
    path = put("a.npz", npz_with(t=np.array([0.1, 0.2, 0.3])))
    fault(path, "key 't' holds 0.1 at index 0, expected whole numbers of us", "set time_unit: s")
    assert read_recording(path, time_unit="s").duration_s == pytest.approx(0.2)


def test_npz_without_polarity_counts_every_event_as_on(put):
    recording = read(put("a.npz", npz_with(p=None)))
    assert recording.events["p"].all()
    assert not recording.has_polarity


def test_npz_compressed_and_with_further_keys(put):
    stream = io.BytesIO()
    note = np.array(["any", "text"])
    np.savez_compressed(stream, t=[1], x=[2], y=[3], note=note, more=np.array([None]))
    assert rows_of(read(put("a.npz", stream.getvalue()))) == [(1, 2, 3, True)]


def test_npz_sensor_size_from_caller_then_file_then_events(put):
    path = put("a.npz", npz_with())
    bare = put("b.npz", npz_with(sensor_size=None))
    assert read_recording(path).sensor_size == (8, 6)
    assert read_recording(path, (640, 480)).sensor_size == (640, 480)
    assert read_recording(bare).sensor_size == (3, 6)
    assert read_recording(bare, [20, 30]).sensor_size == (20, 30)


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
    assert read(path).n_events == 2000
    monkeypatch.setattr(npz, "MAX_MEMBER_BYTES", 9000)
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


def _zip(path, members: dict[str, bytes], method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressions_that_take_any_memory_are_refused(tmp_path, method):
    members = {key: npy_bytes([1, 2]) for key in "txy"}
    path = _zip(tmp_path / "a.npz", members, method)
    with pytest.raises(StudyError, match="packed by method"):
        read(path)


def test_more_bytes_than_announced_are_never_unpacked(tmp_path):
    """A member of 200 MB that says it has 80 bytes: zipfile alone would unpack it whole."""
    honest = npy_bytes(np.zeros(10))
    members = {"t": honest + bytes(200 * 2**20), "x": honest, "y": honest}
    content = bytearray(_zip(tmp_path / "a.npz", members).read_bytes())
    true, said = struct.pack("<L", len(members["t"])), struct.pack("<L", len(honest))
    assert content.count(true) == 2
    path = tmp_path / "b.npz"
    path.write_bytes(content.replace(true, said))
    del members, content
    tracemalloc.start()
    with pytest.raises(StudyError):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 30 * 2**20
    tracemalloc.stop()


def test_a_directory_of_many_members_is_refused_before_it_is_read(tmp_path):
    members = {str(number): b"" for number in range(1001)}
    path = _zip(tmp_path / "a.npz", members)
    with pytest.raises(StudyError, match="holds 1001 members, expected at most 1000"):
        read(path)
