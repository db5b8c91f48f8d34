"""Recordings as text: what its first lines may state, units, and faults told in one sentence."""

import pytest
from foreign_files import SIZE, a_walk, as_text
from made_recordings import assert_same, rows_of
from recording_bytes import fault

from dvs_snn.recordings.recording import read_recording

ROWS = [(3811, 96, 133, False), (3820, 5, 7, True)]


def test_the_event_camera_dataset_has_seconds_which_the_setting_states(put):
    recording = a_walk()
    path = put("events.txt", as_text(recording))
    assert_same(read_recording(path, SIZE, "s"), recording)
    fault(path, "states no unit of its times", "time_unit: s (or ms, us, ns)")


@pytest.mark.parametrize("mark", [" ", ",", ", ", ";", "\t"])
@pytest.mark.parametrize("first", ["346 260", "#346,260"])
def test_a_first_line_states_the_size(put, mark, first):
    recording = a_walk()
    path = put("a.csv", as_text(recording, first, mark=mark))
    assert_same(read_recording(path, time_unit="s"), recording)
    assert read_recording(path, (640, 480), "s").sensor_size == (640, 480)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("3811.4,96,133,0\r\n3819.6,5,7,1\r\n", "us"),
        ("3811000 96 133 -1\n3820000 5 7 1", "ns"),
        ("t_us,x,y,p\n3811,96,133,0\n3820,5,7,1\n", None),
        ("x,y,p,t[ms]\n96,133,0,3.811\n5,7,1,3.820\n", None),
        ("# timestamp(s) x y polarity\n\n3.811e-3 96 133 0\n3.820e-3 5 7 1\n", None),
        ("x,y,pol,time_ns\n96,133,0,3811000\n# a break\n5,7,1,3820000\n", "s"),
        ("t,x@346,y@260,on\n3811,96,133,0\n3820,5,7,1\n", "us"),
        ("#!events.txt\n# This is a text\n# of events, 3 4 5\n3811 96 133 0\n3820 5 7 1\n", "us"),
    ],
)
def test_each_spelling(put, text, unit):
    recording = read_recording(put("a.txt", text.encode()), time_unit=unit)
    assert rows_of(recording) == ROWS
    assert recording.sensor_size == ((346, 260) if "@" in text else (97, 134))
    assert recording.has_polarity


def test_three_columns_have_no_polarity(put):
    recording = read_recording(put("a.txt", b"0.5 1 2\n0.6 3 4\n"), time_unit="s")
    assert rows_of(recording) == [(500_000, 1, 2, True), (600_000, 3, 4, True)]
    assert not recording.has_polarity


@pytest.mark.parametrize(
    ("text", "needles"),
    [
        ("# only\n# words\n", ("holds no events",)),
        ("In May.\n1 2 3 0\n", ("line 1 is 'In May.'", "t_us,x,y,p", "move other")),
        ("# one\n1 2 3 0\n\n2 2 3\n", ("line 4 is '2 2 3'", "expected 4 numbers")),
        ("1 2 3 0\n2 nan 3 0\n", ("line 2 is '2 nan 3 0'",)),
        ("30 20\n1 30 3 1\n", ("'x' holds 30 at index 0", "width 30")),
        # Metavision's columns without their names: its times aren't polarities.
        ("301,204,1,8842\n301,205,0,8850\n", ("'p' holds 8842",)),
    ],
)
def test_fault_text(put, text, needles):
    fault(put("a.txt", text.encode()), *needles, time_unit="us")
