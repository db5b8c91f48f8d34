"""Pictures of recordings: what stands beside what, and what misread ones are called."""

import pandas as pd
from drawings import make_events, make_reading

from dvs_snn.recordings.store.event_store import StoredRecording
from dvs_snn.report.cells import labelled
from dvs_snn.report.pictures import misread, parts
from dvs_snn.settings.data import TEN_DIGITS


def titles(figure):
    return [axis.get_title() for axis in figure.axes if axis.get_title()]


def test_events_stand_beside_their_frame_and_above_the_output_spikes():
    recording = make_events(n=4000)
    figure = parts(recording, make_reading(), TEN_DIGITS)
    assert titles(figure) == [
        "Events (ON blue, OFF orange)",
        "Frame of 3,000 events",
        "Output spikes",
    ]
    (frame,) = figure.axes[1].images
    assert frame.get_array().sum() == 3000
    assert figure.axes[0].get_xlim() == figure.axes[2].get_xlim() == (0, 0.3)


def test_a_misread_recording_says_what_it_shows_and_what_was_read():
    stored = [StoredRecording("a", "a", 3, "", "", make_events())] * 2
    readings = labelled(pd.DataFrame({"label": [3, 3], "predicted": [5.0, None]}))
    figure = misread(stored, readings)
    assert titles(figure) == ["3, read as 5", "3, read as none"]
    assert all(axis.images[0].get_array().sum() == 5000 for axis in figure.axes[:2])
    (said,) = misread([], readings.iloc[:0]).texts
    assert said.get_text() == "No recording is misread."
