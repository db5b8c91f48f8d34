"""The page of the check of recordings: what it tells, and pictures. It is one file alone."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

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
    if not checked.look:
        return None
    rows = {"yours": checked.look.frames}
    if len(training.frames.pixels):
        kind = "simulated training" if training.is_simulated else "training"
        rows[kind] = training.frames.like(checked.look.frames)
    drawn = BytesIO()
    plot(rows, checked.group.classes).savefig(drawn, format="png", dpi=120)
    return text.embed_png(drawn.getvalue(), CAPTION)


def plot(by_name: Mapping[str, ShownFrames], classes: Classes) -> Figure:
    """A figure with a row for each name of frames: their mean, and three single ones.

    The means share one scale of grey, the single frames another.
    """
    figure = Figure(figsize=(9.0, 2.35 * len(by_name) + 0.9), layout="constrained")
    axes = figure.subplots(len(by_name), SHOWN + 1, squeeze=False)
    for axis in axes.ravel():
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set(color=FAINT)

    means = {name: frames.mean() for name, frames in by_name.items()}
    shown = {name: frames.some() for name, frames in by_name.items()}
    singles = [frames.pixels[shown[name]] for name, frames in by_name.items() if len(shown[name])]
    full_mean = full_scale(np.array(list(means.values())))
    full = full_scale(np.concatenate(singles)) if singles else 1.0
    mean_image = None
    single_image = None

    for panels, (name, frames) in zip(axes, by_name.items(), strict=True):
        n = len(frames.pixels)
        places = shown[name]
        mean_image = panels[0].imshow(means[name], cmap="gray_r", vmin=0, vmax=full_mean)
        panels[0].set_ylabel(name)
        panels[0].set_title(f"mean of {n} frame{'s' if n != 1 else ''}", fontsize=10)
        for axis in panels[1 + len(places) :]:
            axis.set_axis_off()
        for axis, number in zip(panels[1:], places, strict=False):
            pixels = frames.pixels[number]
            label = classes.names[frames.labels[number]]
            single_image = axis.imshow(pixels, cmap="gray_r", vmin=0, vmax=full)
            axis.set_title(f"{classes.word} {label}, {int(pixels.sum()):,} events", fontsize=10)
        if not n:
            panels[0].set_xlabel("no event on the network")

    def add_scale(image: AxesImage | None, below: np.ndarray, label: str) -> None:
        if image:
            figure.colorbar(
                image,
                ax=list(below.ravel()),
                label=label,
                extend="max",
                location="bottom",
                shrink=0.9,
                aspect=30,
                pad=0.02,
            )

    add_scale(mean_image, axes[:, 0], "mean events per pixel")
    add_scale(single_image, axes[:, 1:], "events per pixel")
    return figure
