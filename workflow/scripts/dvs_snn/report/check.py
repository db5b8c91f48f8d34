"""The page of the check of recordings: what it tells, and pictures. It is one file alone."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.recordings.plausibility.checks import Training
from dvs_snn.recordings.plausibility.folders import Surveyed
from dvs_snn.recordings.plausibility.look import SHOWN, ShownFrames
from dvs_snn.report import text
from dvs_snn.report.style import FAINT, full_scale
from dvs_snn.report.template import render, style_of
from dvs_snn.settings.data import Classes
from dvs_snn.settings.study_settings import WORKFLOW, Study

TEMPLATE = WORKFLOW / "report" / "check.html.j2"
CAPTION = "What the network sees: the mean frame and three single frames"


def write_page(
    surveyed: Sequence[Surveyed], training: Training, study: Study, output: Path
) -> None:
    """Write the page on what a check found, by a whole study's settings."""
    groups = []
    for checked in surveyed:
        groups.append(group := {"checked": checked, "image": None})
        if checked.look:
            group["image"] = _inputs(checked, training)
    css = Markup(style_of(TEMPLATE.parent, ("page.css",)))
    page = {"groups": groups, "study": study.study, "style": css}
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
