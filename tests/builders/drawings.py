"""Figures of made-up material, and what they show."""

import numpy as np
import pandas as pd
import result_tables as made
from made_recordings import from_columns
from pages import make_chips, make_choice

from dvs_snn.recordings.recording import EventRecording
from dvs_snn.report import chart, drawing
from dvs_snn.report.origin import Origin
from dvs_snn.report.recorded import QuotedReading
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
    return QuotedReading("Recording <A>", label, STEP_MS, spikes, running, synops)


LAYERS = {"conv1": 3e6, "conv2": 1e6}
"""SynOps of the quoted network on the set `test`, by layer."""


def quoted_row():
    """The row of `made.make_points` of early exit, which gives the answer, on the set `test`."""
    points = made.make_points().query("set == 'test' and method == 'early-exit' and chosen == 1")
    return points[points["seed"].isna()].iloc[0]


def draw_chart(name, **changed):
    """A chart of made-up tables, of which some are changed."""
    network = quoted_row()[["set", "variant", "scale"]].to_dict()
    layers = pd.DataFrame({"layer": list(LAYERS), "synops": list(LAYERS.values())})
    shapes = {"output_shape": ["8x62x62", "32x29x29"], "n_outputs": [30752, 26912]}
    given = {
        "chips": make_chips(),
        "choice": make_choice(),
        "evaluation": made.make_evaluation(),
        "points": made.make_points(),
        "origin": Origin("simulated", {}),
        "power": Power(**made.POWER),
        "layers": layers.assign(seed=1, **network),
        "network": layers[["layer"]].assign(weights=[72, 2304], **shapes),
        "probes": made.make_probes(),
    }
    given |= changed
    return drawing.figure_of(name).draw(**{need: given[need] for need in drawing.needs(name)})


def every_chart():
    """Every chart of made-up tables by its name."""
    return {name: draw_chart(name) for name in drawing.figure_names()}


def save_charts(folder):
    """Save every chart; return their files by name."""
    paths = {name: folder / f"{name}.svg" for name in drawing.figure_names()}
    for name, path in paths.items():
        chart.write(draw_chart(name), path)
    return paths
