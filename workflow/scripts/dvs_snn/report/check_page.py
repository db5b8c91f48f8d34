"""The page of the check of recordings: what it tells, and pictures. It is one file alone."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.recordings.plausibility.folders import Surveyed
from dvs_snn.recordings.plausibility.look import SHOWN, ShownFrames, Training
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
    context = {
        "groups": [{"checked": each, "image": _inputs(each, training)} for each in surveyed],
        "study": study.study,
        "style": Markup(style_of(TEMPLATE.parent, ["page.css"])),
        "coded": text.coded,
        "caption": CAPTION,
    }

    written = render(TEMPLATE, context)
    # The keyboard has to reach what scrolls.
    written = written.replace('<div class="scroll', '<div tabindex="0" class="scroll')
    try:
        with replacing(output) as temporary:
            temporary.write_text(written, encoding="utf-8")
    except OSError as error:
        raise StudyError(
            f"{output}: can't be written ({reason_of(error)}); name another --output."
        ) from error


def _inputs(checked: Surveyed, training: Training) -> Markup | None:
    """The picture of what the network sees of a group; None if none of its files can be read."""
    if not checked.shown:
        return None
    rows = {"yours": checked.shown}
    if len(training.frames.pixels):
        kind = "simulated training" if training.is_simulated else "training"
        rows[kind] = training.frames.like(checked.shown)
    drawn = BytesIO()
    plot(rows, checked.group.classes).savefig(drawn, format="png", dpi=120)
    return text.embed_png(drawn.getvalue(), CAPTION)


def plot(by_name: Mapping[str, ShownFrames], classes: Classes) -> Figure:
    """A figure with a row for each name of frames: their mean, and three single ones.

    The means share one scale of grey, the single frames another.
    """
    figure = Figure(figsize=(9.0, 2.35 * len(by_name)), layout="constrained")
    axes = figure.subplots(len(by_name), SHOWN + 1, squeeze=False)
    full_mean = full_scale(np.array([frames.mean() for frames in by_name.values()]))
    singles = [frames.pixels[frames.some()] for frames in by_name.values()]
    full = full_scale(np.concatenate(singles))

    for panels, (name, frames) in zip(axes, by_name.items(), strict=True):
        n = len(frames.pixels)
        panels[0].set_ylabel(name)
        _show(panels[0], frames.mean(), full_mean, f"mean of {text.plural(n, 'frame')}")
        places = frames.some()
        for axis in panels[1 + len(places) :]:
            axis.set_axis_off()
        for axis, place in zip(panels[1:], places, strict=False):
            pixels = frames.pixels[place]
            label = classes.names[frames.labels[place]]
            _show(axis, pixels, full, f"{classes.word} {label}, {int(pixels.sum()):,} events")
        if not n:
            panels[0].set_xlabel("no event on the network")
    return figure


def _show(axis: Axes, pixels: np.ndarray, full: float, title: str) -> None:
    """Show events per pixel, as dark as a pixel has events; `full` are drawn black."""
    axis.imshow(pixels, cmap="gray_r", vmin=0, vmax=full)
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set(color=FAINT)
    axis.set_title(title, fontsize=10)
