"""Figures of made-up material, and what they show."""

import matplotlib
import numpy as np
import result_tables as made
from made_recordings import from_columns
from pages import make_choice, make_energy_tables

from dvs_snn.files.job import arguments_of
from dvs_snn.recordings.plausibility.look import ShownFrames
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.report import drawing, raster
from dvs_snn.report.figures import frames, inputs
from dvs_snn.report.recorded import QuotedReading
from dvs_snn.report.style import styled
from dvs_snn.settings.data import TEN_DIGITS
from dvs_snn.settings.sweep import Power

STEP_MS = 10.0


def make_events(n=5000, duration_us=300_000) -> EventRecording:
    """A bright dot that goes round in a circle on a 34 x 34 sensor."""
    random = np.random.default_rng(0)
    t = np.sort(random.integers(0, duration_us, n))
    angle = 2 * np.pi * t / duration_us
    x = np.clip(17 + 9 * np.cos(angle) + random.normal(0, 1.5, n), 0, 33)
    y = np.clip(17 + 9 * np.sin(angle) + random.normal(0, 1.5, n), 0, 33)
    return from_columns(t, x, y, random.random(n) < 0.55, (34, 34))


def make_reading(n_steps=30, label="3", silent=False) -> QuotedReading:
    """A network that soon settles on 3; `silent`: it has no output spike."""
    spikes = np.random.default_rng(0).poisson(0.05, (n_steps, 10)).astype(np.uint32)
    spikes[4:, 3] += 2
    spikes[:2] = 0
    spikes *= not silent
    running = np.where(spikes.cumsum(0).max(1) > 0, spikes.cumsum(0).argmax(1), -1)
    running = running.astype(np.int16)
    synops = np.random.default_rng(1).integers(10_000, 900_000, n_steps)
    return QuotedReading("Recording <A>", label, STEP_MS, spikes, running, running, synops)


def make_input_rows():
    """Frames of training and of two sets, of which one is empty."""
    pixels = np.random.default_rng(0).poisson(0.3, (12, 64, 64)).astype(np.uint8)
    labels = np.arange(12) % 4
    return {
        "training": ShownFrames(pixels, labels),
        "mine": ShownFrames(pixels[:2], labels[:2]),
        "empty": ShownFrames(pixels[:0], labels[:0]),
    }


def said(figure):
    """All text of a figure, drawn once so that ticks have their labels."""
    figure.canvas.draw()
    words = (text.get_text() for text in figure.findobj(matplotlib.text.Text))
    return " ".join(" ".join(words).split())


def panels(figure):
    return [axis for axis in figure.axes if axis.get_label() != "<colorbar>"]


def every_figure():
    """A function for each figure of matplotlib's, by name."""
    pictures = np.random.default_rng(0).poisson(0.3, (10, 1, 64, 64)).astype(np.uint8)
    figures = {
        "frames": lambda: frames.plot(pictures, TEN_DIGITS.names, "Frames"),
        "inputs": lambda: inputs.plot(make_input_rows(), "What the network sees"),
        "raster": lambda: raster.raster_of(make_reading()),
    }
    return {name: styled()(draw) for name, draw in figures.items()}


def draw_chart(name, **changed):
    """A chart of made-up tables, of which some are changed."""
    methods = {"plain": "rescaled", "lean": "synop-loss"}
    given = make_energy_tables(
        made.make_evaluation(tuple(methods), methods=methods), made.make_front()
    )
    given |= {
        "choice": make_choice(),
        "evaluation": made.make_evaluation(),
        "exits": made.make_exits(),
        "front": made.make_front(),
        "layers": made.make_layers(),
        "power": Power(**made.POWER),
        "predictions": made.make_predictions(),
        "probes": made.make_probes(),
        "step_ms": STEP_MS,
    }
    draw = drawing.about(name).draw
    return draw(**arguments_of(draw, given | changed))


def every_chart():
    """Every chart of made-up tables by its name."""
    charts = [name for name in drawing.figure_names() if drawing.about(name).SUFFIX == ".svg"]
    return {name: draw_chart(name) for name in charts}


def save_figures(folder):
    """Save every figure and chart; return their files by name, and those of a recording alone."""
    drawn = {name: draw() for name, draw in every_figure().items()} | every_chart()
    paths = {name: folder / f"{name}.png" for name in every_figure()}
    paths |= {name: folder / f"{name}.svg" for name in every_chart()}
    for name, path in paths.items():
        drawing.save(drawn[name], path)
    of_recording = {"raster": paths.pop("raster")}
    return paths, of_recording
