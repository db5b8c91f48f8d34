"""Pictures of recordings: one beside its frame and its spikes, and some that are misread."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import style
from matplotlib.figure import Figure
from PIL import Image

from dvs_snn.analysis.choice import Quoted
from dvs_snn.files.arrays import evenly_picked
from dvs_snn.files.atomic import replacing
from dvs_snn.files.tables import read_table
from dvs_snn.recordings.placement import counts
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.recordings.store.event_store import SetPlacement, StoredRecording, open_sets
from dvs_snn.report.cells import labelled
from dvs_snn.report.front_rows import quoted_spiking, rows_of_networks
from dvs_snn.report.origin import Origin
from dvs_snn.report.recorded import QuotedReading
from dvs_snn.report.style import BLUE, FAINT, INK, VERMILLION, full_scale
from dvs_snn.settings.data import Classes

N_MISREAD = 8
FRAME_EVENTS = 3000

# A reader's own matplotlibrc doesn't change the study's pictures.
in_default_style = style.context(["default", {"axes.titlesize": "medium"}])


@dataclass(frozen=True)
class MisreadJob:
    """What the rule `plot_misread` gives.

    Attributes:
        events: the stored events of the test sets.
        stored: the tables of these stores.
        sets: names and placements of these sets, in the same order.
        predictions, front, evaluation, choice: result tables.
        origin: where the study's recordings come from.
        picture: PNG.
    """

    events: list[Path]
    stored: list[Path]
    sets: list[SetPlacement]
    predictions: Path
    front: Path
    evaluation: Path
    choice: Path
    origin: Origin
    picture: Path


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


def plot_misread(job: MisreadJob) -> None:
    """Draw some recordings of the set that answers which the quoted network misreads."""
    evaluation = read_table(job.evaluation, "evaluation")
    answer_set = job.origin.answer_set(evaluation)
    quoted = Quoted.of(read_table(job.choice, "choice"))
    point = quoted_spiking(read_table(job.front, "front"), quoted, answer_set).head(1)

    readings = read_table(job.predictions, "predictions")
    readings = rows_of_networks(readings, point, "set", "variant", "scale")
    readings = labelled(readings[readings["seed"] == readings["seed"].min()])
    wrong = readings[~readings["right"]]
    wrong = wrong.iloc[evenly_picked(N_MISREAD, len(wrong))]

    shown = []
    if len(wrong):
        of_set = open_sets(job.events, job.stored, job.sets)[wrong["set"].iloc[0]]
        places = pd.Index(of_set.table["recording"]).get_indexer(wrong["recording"])
        shown = [of_set[place] for place in places]
    save_picture(misread(shown, wrong), job.picture)


@in_default_style
def misread(shown: Sequence[StoredRecording], readings: pd.DataFrame) -> Figure:
    """A picture of each recording as the network sees it, under what it shows and was read as."""
    figure = Figure(figsize=(4.5, 2.7), dpi=160, layout="constrained")
    if not shown:
        figure.text(0.5, 0.5, "No recording is misread.", ha="center")
    axes = figure.subplots(2, N_MISREAD // 2).ravel()
    for axis in axes[len(shown) :]:
        axis.set_axis_off()
    for axis, stored, row in zip(axes, shown, readings.to_dict("records"), strict=False):
        placed = stored.placed
        image = counts(placed.row, placed.column, shape=placed.shape[1:])
        answer = row["predicted"] or "none"
        axis.imshow(image, cmap="gray_r", vmin=0, vmax=full_scale(image))
        axis.set(xticks=[], yticks=[], title=f"{row['label']}, read as {answer}")
        axis.spines[:].set(color=FAINT)
    return figure


@in_default_style
def save_picture(figure: Figure, path: Path) -> None:
    """Write a figure as a PNG of few colours: a small file."""
    drawn = BytesIO()
    figure.savefig(drawn, format="png")
    with replacing(path) as temporary:
        Image.open(drawn).convert("RGB").quantize(32).save(temporary, format="PNG", optimize=True)
