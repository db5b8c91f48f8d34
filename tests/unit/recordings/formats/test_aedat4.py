"""Recordings as AEDAT 4.0, written by faery, and how another file of that suffix is told."""

import sys

import pytest
from foreign_files import a_walk, by_faery
from made_recordings import assert_same
from recording_bytes import fault

from dvs_snn.recordings.recording import read_recording


@pytest.mark.parametrize("compression", [None, ("lz4", 1), ("zstd", 3)])
def test_aedat4_gives_back_what_faery_wrote(tmp_path, compression):
    recording = a_walk(size=(640, 480))
    path = by_faery(tmp_path / "a.aedat4", recording, compression=compression)
    # The format states its unit, so that of the settings changes nothing.
    assert_same(read_recording(path, time_unit="ms"), recording)
    assert read_recording(path, (700, 500)).sensor_size == (700, 500)
    fault(path, "'x' holds", "width 500", sensor_size=(500, 500))


def test_fault_aedat4_cut_off_or_another_file(tmp_path, put):
    path = by_faery(tmp_path / "a.aedat4", a_walk())
    path.write_bytes(path.read_bytes()[:-300])
    fault(path, "faery can't read it", "failed to fill whole buffer", "export it again")
    other = put("b.aedat4", b"#!AER-DAT3.1\r\n" + bytes(90))
    fault(other, "faery can't read it", "DAT3.1", "expected an AEDAT 4.0 recording")


def test_fault_of_a_header_on_which_faery_would_end_the_process(tmp_path):
    path = by_faery(tmp_path / "a.aedat4", a_walk())
    content = path.read_bytes()
    at = content.index(b"string")
    path.write_bytes(content[:at] + b"\xff" + content[at + 1 :])
    fault(path, f"byte {at} in its header is 0xff", "expected text in UTF-8", "export it again")


def test_a_package_that_is_not_installed_is_told_with_the_command(put, monkeypatch):
    monkeypatch.setitem(sys.modules, "faery", None)
    path = put("a.aedat4", b"#!AER-DAT4.0\r\n" + bytes(90))
    fault(path, "only the package faery reads", "pip install -r requirements-formats.txt")
