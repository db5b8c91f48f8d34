"""The picture of a recording: its events beside their frame, above the output spikes."""

from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib import style
from matplotlib.figure import Figure
from PIL import Image

from dvs_snn.files.atomic import replacing
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.report.recorded import QuotedReading
from dvs_snn.report.style import BLUE, INK, VERMILLION, full_scale
from dvs_snn.settings.data import Classes

FRAME_EVENTS = 3000

# A reader's own matplotlibrc doesn't change the study's pictures.
in_default_style = style.context(["default", {"axes.titlesize": "medium"}])


@in_default_style
def parts(recording: EventRecording, read: QuotedReading, classes: Classes) -> Figure:
    """Events and output spikes until the network stops, and the frame of the first events."""
    figure = Figure(figsize=(5, 4), dpi=150, layout="constrained")
    (of_events, of_frame), (of_spikes, empty) = figure.subplots(2, 2, width_ratios=(3, 2))
    empty.set_axis_off()
    events = recording.events
    width, height = recording.sensor_size
    duration_s = read.read_ms / 1000

    colours = np.full(len(events), INK)
    title = "Events"
    if recording.has_polarity:
        colours = np.where(events["p"], BLUE, VERMILLION)
        title = "Events (ON blue, OFF orange)"
    of_events.scatter((events["t"] - events["t"][0]) / 1e6, events["y"], s=0.2, c=colours)
    of_events.set(title=title, ylabel="row", xlim=(0, duration_s), ylim=(height, 0))

    first = events[:FRAME_EVENTS]
    frame = np.zeros((height, width), np.int64)
    np.add.at(frame, (first["y"], first["x"]), 1)
    of_frame.imshow(frame, cmap="gray_r", vmin=0, vmax=full_scale(frame))
    of_frame.set(title=f"Frame of {len(first):,} events", xticks=[], yticks=[])

    step, neuron = np.nonzero(read.spikes)
    of_spikes.scatter(step * read.step_ms / 1000, neuron, s=8, marker="|", color=INK)
    of_spikes.set(title="Output spikes", xlabel="time (s)", ylabel=f"{classes.word} of the neuron")
    of_spikes.set(xlim=(0, duration_s), yticks=range(len(classes.names)), yticklabels=classes.names)
    return figure


@in_default_style
def save_picture(figure: Figure, path: Path) -> None:
    """Write a figure as a PNG of few colours: a small file."""
    drawn = BytesIO()
    figure.savefig(drawn, format="png")
    with replacing(path) as temporary:
        Image.open(drawn).convert("RGB").quantize(32).save(temporary, format="PNG", optimize=True)
