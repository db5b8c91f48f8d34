"""Recordings as numpy archives: every spelling, and faults told in one sentence."""

import re
import struct
from pathlib import Path

import numpy as np
import pytest
from made_recordings import assert_same, from_rows, rows_of
from recording_bytes import fault, npy_bytes, npz_bytes, npz_with, zip_bytes

from dvs_snn.recordings.formats.npz import read, write
from dvs_snn.recordings.recording import read_recording

OWN_RECORDINGS = Path(__file__).parents[4] / "docs/own_recordings.md"


def test_npz_is_plain_numpy_and_repeats_byte_for_byte(tmp_path):
    recording = from_rows([(4, 1, 2, True), (7, 3, 5, False)], (9, 8))
    write(tmp_path / "a.npz", recording)
    write(tmp_path / "b.npz", recording)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert {key: (str(array.dtype), array.tolist()) for key, array in archive.items()} == {
            "t": ("int64", [4, 7]), "x": ("uint16", [1, 3]), "y": ("uint16", [2, 5]),
            "p": ("bool", [True, False]), "sensor_size": ("int64", [9, 8]),
        }  # fmt: skip
    without = from_rows([(4, 1, 2, True), (4, 3, 5, True)], (9, 8), has_polarity=False)
    write(tmp_path / "a.npz", without)
    assert_same(read(tmp_path / "a.npz"), without)


@pytest.mark.parametrize(("on", "off"), [(True, 0), (1.0, -1), (np.uint8(1), 0)])
def test_npz_polarity_in_each_spelling(put, on, off):
    recording = read(put("a.npz", npz_with(p=np.array([on, off, on]))))
    assert recording.events["p"].tolist() == [True, False, True]


@pytest.mark.parametrize("dtype", ["u1", ">i4", "f2", "g"])
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
        ("ns", [500_000_400, 500_000_500, 2_000_000_499]),
        (None, [500_000, 500_001.0, 2_000_000]),
    ],
)
def test_npz_times_in_each_unit(put, unit, times):
    recording = read_recording(put("a.npz", npz_with(t=np.array(times))), time_unit=unit)
    assert recording.events["t"].tolist() == [500_000, 500_001, 2_000_000]


@pytest.mark.parametrize("dtype", ["u8", "f4"])
def test_fault_npz_times_that_no_int64_holds_in_us(put, dtype):
    path = put("a.npz", npz_with(t=np.array([1, 2, 2**62], dtype)))
    fault(path, "column 't' holds 4", "at index 2, expected finite numbers below", time_unit="s")
    assert read_recording(path, time_unit="ns").events["t"][0] == 0


def test_the_example_of_the_documentation_writes_a_recording_that_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("events.txt").write_text("0.003811000 96 133 0\n0.003820001 97 134 1\n")
    (example,) = re.findall(r"```python\n(.*?)```", OWN_RECORDINGS.read_text("utf-8"), re.DOTALL)
    exec(compile(example, "example", "exec"), {})
    expected = from_rows([(3811, 96, 133, False), (3820, 97, 134, True)], (240, 180))
    assert_same(read_recording("events.npz"), expected)


def test_npz_sensor_size_from_caller_then_file_then_events(put):
    path = put("a.npz", npz_with())
    bare = put("b.npz", npz_with(sensor_size=None, p=None, more=np.array([None])))
    assert read_recording(path).sensor_size == (8, 6)
    assert read_recording(path, (640, 480)).sensor_size == (640, 480)
    assert read_recording(bare).sensor_size == (3, 6)
    assert not read_recording(bare).has_polarity
    fault(path, "column 'x' holds 2 at index 2", "0 to 1", sensor_size=(2, 9))


def test_fault_npz_that_is_no_zip(put):
    cut = put("a.npz", npz_with()[:200])
    fault(cut, "begins with 'PK", "expected a whole numpy archive (.npz)")


@pytest.mark.parametrize(
    ("changes", "needles"),
    [
        ({"x": None}, ("'x' is missing", "found 'p', 'sensor_size', 't', 'y'", "expected t")),
        ({"x": np.array([1, 2, None])}, ("can't be unpacked (Object arrays", "arrays of numbers")),
        ({"x": np.array([1, 2])}, ("'t': 3, 'x': 2", "expected the same number")),
        ({key: np.zeros(0, int) for key in "txyp"}, ("holds no events", "at least one")),
        ({"t": np.array([3, -7, 8])}, ("column 't' holds -7 at index 1", "0 or more")),
        ({"t": np.array([0.1, 0.2, 0.3])}, ("holds 0.1 at index 0, expected whole", "set time_un")),
        ({"p": np.array([0, 1, 2])}, ("column 'p' holds 2 at index 2", "0 and 1, or -1 and 1")),
    ],
)
def test_fault_npz_content(put, changes, needles):
    fault(put("a.npz", npz_with(**changes)), *needles)


def test_fault_npz_of_more_events_than_a_recording_may_have(put, monkeypatch):
    path = put("a.npz", npz_with())
    monkeypatch.setattr("dvs_snn.recordings.event_columns.MAX_EVENTS", 2)
    fault(path, "more than 2 events", "shorter ones")


def test_fault_npz_header_or_checksum_and_data_disagree(put):
    honest, text = npy_bytes(np.zeros(3)), b"no array at all, only text"
    lies = [honest.replace(b"(3,), }", f"({n},), }}".encode()) for n in (4, 10**7)]
    for content in lies:
        path = put("a.npz", zip_bytes(t=content, x=npy_bytes([1]), y=npy_bytes([1])))
        fault(path, "can't be unpacked")
    for content in (b"", text):
        path = put("a.npz", zip_bytes(t=content, x=npy_bytes([1]), y=npy_bytes([1])))
        fault(path, "column 't' has dtype", "expected numbers")
    content = npz_bytes(t=np.array([0x1122334455]), x=np.array([1]), y=np.array([1]))
    damaged = content.replace(struct.pack("<q", 0x1122334455), struct.pack("<q", 0x1122334456))
    fault(put("a.npz", damaged), "can't be unpacked", "CRC", "write it again")
