"""The picture of a recording: what stands beside what."""

from drawings import make_events, make_reading

from dvs_snn.report.pictures import parts
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
