"""Recordings as AEDAT 4.0, written by faery, and how another file of that suffix is told."""

import pytest
from foreign_files import a_walk, by_faery
from made_recordings import assert_same
from recording_bytes import fault

from dvs_snn.events.recording import read_recording


@pytest.mark.parametrize("compression", [None, ("lz4", 1), ("zstd", 3)])
def test_aedat4_gives_back_what_faery_wrote(tmp_path, compression):
    recording = a_walk(size=(640, 480))
    path = by_faery(tmp_path / "a.aedat4", recording, compression=compression)
    assert_same(read_recording(path), recording)
    assert read_recording(path, (700, 500)).sensor_size == (700, 500)
    fault(path, "'x' holds", "width 500", sensor_size=(500, 500))


def test_time_unit_of_the_settings_changes_nothing_where_the_format_states_it(tmp_path):
    recording = a_walk()
    path = by_faery(tmp_path / "a.aedat4", recording)
    assert_same(read_recording(path, time_unit="ms"), recording)


def write_streams(path, kinds):
    """Write an AEDAT 4.0 file of streams without packets, by kind of their type."""
    aedat = pytest.importorskip("faery").aedat

    def node(name, place, attributes, nodes=()):
        told = {
            key: aedat.DescriptionAttribute("int" if isinstance(value, int) else "string", value)
            for key, value in attributes.items()
        }
        return aedat.DescriptionNode(name, place, told, list(nodes))

    root = "/mainloop/Recorder/outInfo/"
    streams = [
        node(
            str(number), f"{root}{number}/", {"compression": "NONE", "typeIdentifier": kind},
            [node("info", f"{root}{number}/info/", {"sizeX": 8, "sizeY": 6, "source": "test"})],
        )
        for number, kind in enumerate(kinds)
    ]  # fmt: skip
    with aedat.Encoder(path, [node("outInfo", root, {}, streams)], None):
        pass


@pytest.mark.parametrize("kinds", [["IMUS"], ["EVTS", "EVTS"]])
def test_fault_no_or_several_streams_of_events(tmp_path, kinds):
    path = tmp_path / "a.aedat4"
    write_streams(path, kinds)
    fault(path, f"holds {kinds.count('EVTS')} streams of events, expected one")


def test_fault_aedat4_without_events(tmp_path):
    path = tmp_path / "a.aedat4"
    write_streams(path, ["EVTS"])
    fault(path, "holds no events")


def test_fault_aedat4_cut_off(tmp_path):
    path = by_faery(tmp_path / "a.aedat4", a_walk())
    path.write_bytes(path.read_bytes()[:-300])
    fault(path, "faery can't read it", "failed to fill whole buffer")


def test_fault_another_file_called_aedat4(put):
    pytest.importorskip("faery")
    fault(put("a.aedat4", b"#!AER-DAT3.1\r\n" + bytes(90)), "faery can't read it", "DAT3.1")
