"""The page of the check of recordings: what it tells, pictures, and what a network reads in them.

It is one file that needs no other.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from dvs_snn.engines.spiking import Spiking, open_spiking
from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.files.arrays import picked_by_label
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import read_table
from dvs_snn.recordings.folders.split_table import open_recording
from dvs_snn.recordings.placement import Placement, place, placement_of
from dvs_snn.recordings.plausibility.checks import Training
from dvs_snn.recordings.plausibility.folders import Surveyed
from dvs_snn.recordings.plausibility.look import ORIENTATIONS, SHOWN, ShownFrames, together
from dvs_snn.recordings.steps import bin_steps
from dvs_snn.report import text
from dvs_snn.report.style import FAINT, full_scale
from dvs_snn.report.template import render, style_of
from dvs_snn.settings.data import Classes
from dvs_snn.settings.study import WORKFLOW, Study

TEMPLATE = WORKFLOW / "report" / "check.html.j2"
CAPTION = "What the network sees: the mean frame and three single frames"

MOST_RECORDINGS = 100
"""Recordings that the network reads in each orientation."""


def write_page(
    surveyed: Sequence[Surveyed],
    training: Training,
    study: Study,
    results: Path,
    output: Path,
    progress: Progress,
) -> None:
    """Write the page on what a check found, by a whole study's settings and its results' folder."""
    title, network = open_network(study, results)
    step_us = round(study.inference.step_ms * 1000)
    groups = []
    for checked in surveyed:
        groups.append(group := {"checked": checked, "image": None, "reading": ""})
        if checked.look:
            group["image"] = _inputs(checked, training)
        if checked.look and network:
            lie = placement_of(checked.where)
            try:
                ways = read_all_ways(network, checked.rows, lie, step_us, progress)
                group["reading"] = ways_words(ways)
            except StudyError as error:
                group["reading"] = f"The network can't read them: {error}"
    css = Markup(style_of(TEMPLATE.parent, ("page.css",)))
    page = {"groups": groups, "network": title, "study": study.study, "style": css}
    written = render(TEMPLATE, page | {"coded": text.coded, "caption": CAPTION})
    # The keyboard has to reach what scrolls.
    written = written.replace('<div class="scroll', '<div tabindex="0" class="scroll')
    try:
        with replacing(output) as temporary:
            temporary.write_text(written, encoding="utf-8")
    except OSError as error:
        raise StudyError(f"{output}: can't be written ({reason_of(error)}).") from error


def _inputs(checked: Surveyed, training: Training) -> Markup:
    rows = {"yours": checked.look.frames}
    if len(training.frames.pixels):
        kind = "simulated training" if training.is_simulated else "training"
        rows[kind] = training.frames.like(checked.look.frames)
    plot(rows, checked.group.classes).savefig(drawn := BytesIO(), format="png", dpi=120)
    return text.embed_png(drawn.getvalue(), CAPTION)


def plot(by_name: Mapping[str, ShownFrames], classes: Classes) -> Any:
    """A figure with a row for each name of frames: their mean, and three single ones.

    The means share one scale of grey, the single frames another.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 2.35 * len(by_name) + 0.9), layout="constrained")
    axes = figure.subplots(len(by_name), SHOWN + 1, squeeze=False)
    means = {name: frames.mean() for name, frames in by_name.items()}
    shown = {name: frames.some() for name, frames in by_name.items()}
    singles = [frames.pixels[shown[name]] for name, frames in by_name.items() if len(shown[name])]
    full_mean = full_scale(np.array(list(means.values())))
    full = full_scale(np.concatenate(singles)) if singles else 1.0
    for axis in axes.ravel():
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set(color=FAINT)
    images = {}
    for panels, (name, frames) in zip(axes, by_name.items(), strict=True):
        n, places = len(frames.pixels), shown[name]
        image = panels[0].imshow(means[name], cmap="gray_r", vmin=0, vmax=full_mean)
        images["mean events per pixel"] = image, axes[:, 0]
        panels[0].set_ylabel(name)
        panels[0].set_title(f"mean of {n} frame{'s' if n != 1 else ''}", fontsize=10)
        for axis in panels[1 + len(places) :]:
            axis.set_axis_off()
        for axis, number in zip(panels[1:], places, strict=False):
            pixels, label = frames.pixels[number], classes.names[frames.labels[number]]
            image = axis.imshow(pixels, cmap="gray_r", vmin=0, vmax=full)
            images["events per pixel"] = image, axes[:, 1:]
            axis.set_title(f"{classes.word} {label}, {int(pixels.sum()):,} events", fontsize=10)
        if not n:
            panels[0].set_xlabel("no event on the network")
    how = {"extend": "max", "location": "bottom", "shrink": 0.9, "aspect": 30, "pad": 0.02}
    for label, (image, of_image) in images.items():
        figure.colorbar(image, ax=list(of_image.ravel()), label=label, **how)
    return figure


def open_network(study: Study, results: Path) -> tuple[str, Spiking | None]:
    """Open the network that gives a whole study's answer: of the best method, at its chosen scale.

    Returns what it is, and the network; empty and None if the study hasn't chosen one.
    """
    path, settings = results / "tables" / "choice.csv", study.inference
    quoted = Quoted.of(read_table(path, "choice")) if path.exists() else None
    if quoted is None or quoted.best is None:
        return "", None
    point, seed = quoted.points[quoted.best], study.seeds[0]
    file = results / "work/networks" / point.variant / f"seed-{seed}.safetensors"
    if not file.exists():
        return "", None
    name = f"variant {point.variant}, seed {seed}, scale {point.scale:.2f}"
    return f"{name}, chosen for {quoted.best}", open_spiking(file, point.scale, settings)


def read_all_ways(
    network: Spiking, rows: pd.DataFrame, lie: Placement, step_us: int, progress: Progress
) -> pd.DataFrame:
    """Let a network read some recordings of a split table in every orientation.

    Returns a row an orientation, as they lie first, with its settings `flip` and `rotate`: `n`
    recordings, the share read `right`, the mean `lead` in spikes of the most active output neuron
    over the second. A recording that is too long raises a StudyError.
    """
    most = max(MOST_RECORDINGS // rows["label"].nunique(), 1)
    rows = rows.iloc[picked_by_label(rows["label"].to_numpy(), most)]
    ways = [together((lie.flip, lie.rotate), way) for way in ORIENTATIONS]
    readings = []
    with progress.bar(len(rows), "recording", "read in eight orientations") as bar:
        for row in rows.itertuples():
            recording = open_recording(row)
            # One at a time: eight copies of a long recording would fill the memory.
            for flip, rotate in ways:
                placed = place(recording, Placement(lie.zoom, rotate, flip))
                (response,) = network.respond([bin_steps(placed, step_us)])
                second, best = np.sort(response.spikes.sum(axis=0))[-2:]
                right = response.predicted == row.label
                readings.append((flip, rotate, right, int(best - second)))
            bar.advance(1)
    table = pd.DataFrame(readings, columns=["flip", "rotate", "right", "lead"])
    by_way = table.groupby(["flip", "rotate"], sort=False, as_index=False)
    return by_way.agg({"right": "mean", "lead": "mean"}).assign(n=len(rows))


def ways_words(ways: pd.DataFrame) -> str:
    """Say in which orientation the network reads best, beside as they lie."""
    lie, best = ways.iloc[0], ways.loc[ways["right"].idxmax()]
    most = f"{text.percent(best['right'])} with flip: {best['flip']}, rotate: {best['rotate']}"
    most = most if best["right"] > lie["right"] else "no more in any other orientation"
    right = f"{text.percent(lie['right'])} of {lie['n']} recordings right as they lie"
    return f"The network reads {right}, and {most}."
