"""What a recording is, and what holds for the files of every format."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_recordings import any_recording, assert_same, from_rows, rows_of
from recording_bytes import address, aedat, fault, nmnist, npz_bytes

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.recording import (
    CONVERTING,
    SUFFIXES,
    read_recording,
    silent_recording,
    write_recording,
)

property_test = settings(max_examples=150, deadline=None, database=None)


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("a.npz", (65535, 700, 2**50, 2**50)),
        ("a.aedat", (127, 127, 2**32 - 1, 2**31 - 1)),  # the clock wraps
        ("a.bin", (255, 239, 2**24, 2**25)),  # beyond its 23 bits
    ],
)
def test_what_is_written_is_read(tmp_path, name, bounds):
    @property_test
    @given(recording=any_recording(*bounds))
    def check(recording):
        write_recording(tmp_path / name, recording)
        assert_same(read_recording(tmp_path / name, recording.sensor_size), recording)

    check()


@property_test
@given(times=st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_events_are_sorted_stably(tmp_path_factory, times):
    index = np.arange(len(times))
    path = tmp_path_factory.getbasetemp() / "unsorted.npz"
    path.write_bytes(npz_bytes(t=np.array(times), x=index, y=index))
    recording = read_recording(path)
    expected = sorted(zip(times, index.tolist(), strict=True))
    assert [(row[0], row[1]) for row in rows_of(recording)] == expected


def test_duration_and_share_of_on_events():
    recording = from_rows([(10, 0, 0, True), (10, 1, 0, False), (2_500_010, 2, 3, False)], (3, 4))
    assert (recording.duration_s, recording.on_share) == (2.5, pytest.approx(1 / 3))
    assert np.isnan(from_rows([(0, 0, 0, True)], has_polarity=False).on_share)


@property_test
@given(st.lists(st.tuples(st.sampled_from([0, 699]), st.sampled_from([0, 399])), min_size=1))
def test_pixels_that_sent_an_event_are_counted_once(pixels):
    """Four pixels, one in the last corner of a sensor whose pixels need 32 bits."""
    rows = [(t, *pixel, True) for t, pixel in enumerate(pixels)]
    assert from_rows(rows, (700, 400)).n_pixels == len(set(pixels))


def test_a_recording_without_events_has_no_pixel():
    assert silent_recording((34, 34), 0.1).n_pixels == 0


def test_caller_says_the_sensor_of_the_other_formats(put):
    wide = put("a.bin", nmnist((200, 100, 1, 5)))
    assert read_recording(wide, (304, 240)).sensor_size == (304, 240)
    fault(wide, "'x' holds 200 at index 0", "0 to 33")
    camera = put("a.aedat", aedat((address(60, 50, True), 1), (address(5, 70, True), 1)))
    assert read_recording(camera, (64, 128)).sensor_size == (64, 128)
    fault(camera, "'y' holds 70 at index 1", "0 to 63", sensor_size=(64, 64))


def test_suffixes_and_an_unknown_one(put):
    assert SUFFIXES == (".aedat", ".bin", ".npz")
    assert (Path(__file__).parents[3] / CONVERTING.split()[0]).is_file()
    fault(put("a.bag", b"1,2"), "'.bag'", ", ".join(SUFFIXES), "docs/own_recordings.md tells how")
    assert read_recording(put("A.AEDAT", aedat((address(1, 2, True), 3)))).n_events == 1


def test_fault_missing_file_empty_file_and_folder(tmp_path, put):
    for suffix in SUFFIXES:
        fault(tmp_path / f"none{suffix}", "No such file", "expected a recording")
        fault(put(f"empty{suffix}", b""), "0 bytes, expected a plain file of 1 to")
        (tmp_path / f"folder{suffix}").mkdir()
        fault(tmp_path / f"folder{suffix}", "expected a plain file")


@pytest.mark.parametrize("sensor_size", [(0, 3), (3,), (2.5, 3), (2**17, 4)])
def test_fault_sensor_size_of_the_caller(put, sensor_size):
    with pytest.raises(StudyError, match="expected width and height"):
        read_recording(put("a.bin", nmnist((1, 2, 1, 3))), sensor_size)
