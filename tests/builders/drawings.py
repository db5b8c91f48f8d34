"""Figures of made-up material, and what they show."""

import matplotlib
import numpy as np
from pages import make_choice, make_energy_tables
from result_tables import (
    POWER,
    make_evaluation,
    make_exits,
    make_front,
    make_layers,
    make_predictions,
    make_probes,
    make_training,
)

from dvs_snn.recordings.plausibility.pictures import Frames
from dvs_snn.report.figures import (
    break_even,
    confusion,
    digits,
    front,
    latency,
    layers,
    sets,
)
from dvs_snn.report.figures import cloud as cloud_figure
from dvs_snn.report.figures import decision as decision_figure
from dvs_snn.report.figures import frames as frames_figure
from dvs_snn.report.figures import inputs as inputs_figure
from dvs_snn.report.figures import probes as probes_figure
from dvs_snn.report.figures import raster as raster_figure
from dvs_snn.report.figures import rate as rate_figure
from dvs_snn.report.figures import strip as strip_figure
from dvs_snn.report.figures import training as training_figure
from dvs_snn.report.figures.registry import FIGURES_BY_FOLDER, about
from dvs_snn.report.style import save


def make_events(n=5000, duration_us=300_000, seed=0):
    """A bright dot that goes round in a circle on a 34 x 34 sensor: (t, x, y, p)."""
    random = np.random.default_rng(seed)
    t = np.sort(random.integers(0, duration_us, n))
    angle = 2 * np.pi * t / duration_us
    x = np.clip(17 + 9 * np.cos(angle) + random.normal(0, 1.5, n), 0, 33).astype(np.uint16)
    y = np.clip(17 + 9 * np.sin(angle) + random.normal(0, 1.5, n), 0, 33).astype(np.uint16)
    return t, x, y, random.random(n) < 0.55


def make_spikes(steps=30, digit=3, seed=0):
    """Output spikes (time, 10) of a network that soon settles on `digit`, and its predictions."""
    spikes = np.random.default_rng(seed).poisson(0.05, (steps, 10)).astype(np.uint32)
    spikes[4:, digit] += 2
    spikes[:2] = 0
    running = np.where(spikes.cumsum(0).max(1) > 0, spikes.cumsum(0).argmax(1), -1)
    return spikes, running.astype(np.int16), running.astype(np.int16)


def make_input_rows():
    """Frames of training and of two sets, of which one is empty."""
    pixels = np.random.default_rng(0).poisson(0.3, (12, 64, 64)).astype(np.uint8)
    labels = np.arange(12) % 4
    return [
        inputs_figure.Row("training", Frames(pixels, labels)),
        inputs_figure.Row("mine", Frames(pixels[:2], labels[:2])),
        inputs_figure.Row("empty", Frames(pixels[:0], labels[:0])),
    ]


def texts(figure):
    """All text of a figure, drawn once so that ticks have their labels."""
    figure.canvas.draw()
    found = figure.findobj(matplotlib.text.Text)
    return [text.get_text() for text in found if text.get_text()]


def said(figure):
    return " ".join(" ".join(texts(figure)).split())


def panels(figure):
    return [axis for axis in figure.axes if axis.get_label() != "<colorbar>"]


def every_figure():
    t, x, y, p = make_events()
    spikes, running, sliding = make_spikes()
    frames = np.random.default_rng(0).poisson(0.3, (10, 1, 64, 64)).astype(np.uint8)
    energy = make_energy_tables(make_evaluation())
    return {
        "decision": lambda: decision_figure.plot(energy["costs"]),
        "probes": lambda: probes_figure.plot(make_probes()),
        "strip": lambda: strip_figure.plot(t, x, y, p, (34, 34), True, "A"),
        "cloud": lambda: cloud_figure.plot(t, x, y, p, (34, 34), True, "A"),
        "rate": lambda: rate_figure.plot(t, p, True, "A"),
        "frames": lambda: frames_figure.plot(frames, list(range(10)), "Frames"),
        "inputs": lambda: inputs_figure.plot(make_input_rows(), "What the network sees"),
        "training": lambda: training_figure.plot(make_training()),
        "raster": lambda: raster_figure.plot(spikes, running, sliding, 10, 3, "A"),
    }


def every_chart():
    """Every chart of made-up tables by its name."""
    methods = {"plain": "rescaled", "lean": "synop-loss"}
    evaluation = make_evaluation(tuple(methods), methods=methods)
    choice, energy = make_choice(tuple(methods), methods), make_energy_tables(evaluation)
    predictions = make_predictions()
    return {
        "break_even": break_even.plot(energy["break_even"], energy["chips"], POWER),
        "confusion": confusion.plot(predictions, make_choice()),
        "digits": digits.plot(predictions, make_choice()),
        "front": front.plot(make_front(), POWER),
        "latency": latency.plot(
            predictions, make_evaluation(), make_choice(), make_exits(), POWER, 10.0
        ),
        "layers": layers.plot(make_layers(), make_evaluation()),
        "sets": sets.plot(evaluation, choice, {"source": "simulated"}),
    }


def save_figures(folder):
    """Save every figure and chart; return their files by name, and those of a recording alone."""
    drawn = {name: draw() for name, draw in every_figure().items()} | every_chart()
    paths = {name: folder / f"{name}{about(name).suffix}" for name in drawn}
    for name, path in paths.items():
        save(drawn[name], path)
    return paths, {name: paths[name] for name in FIGURES_BY_FOLDER["recording"] if name in paths}
