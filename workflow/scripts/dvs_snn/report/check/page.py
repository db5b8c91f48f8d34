"""The page on recordings: what the check tells and pictures, in one file that needs no other."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.job import Progress
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.plausibility.checks import Training
from dvs_snn.recordings.plausibility.folders import Surveyed
from dvs_snn.recordings.plausibility.look import Look
from dvs_snn.report import style, text
from dvs_snn.report.check.reading import open_network, read_all_ways, ways_html, ways_words
from dvs_snn.report.figures import inputs
from dvs_snn.report.template import render, style_of
from dvs_snn.settings.study import WORKFLOW

TEMPLATE = WORKFLOW / "report" / "check.html.j2"
INPUTS_CAPTION = "What the network sees: the mean frame and three single frames"
RATE_CAPTION = "Events per second since the first event, the mean of recordings that last so long"


def write_page(
    surveyed: Sequence[Surveyed],
    training: Training,
    settings: Mapping[str, Any],
    results: Path,
    output: Path,
    progress: Progress,
) -> None:
    """Write the page on what a check found, by a whole study's settings and its results' folder."""
    told, network = open_network(settings, results)
    step_us = round(settings["inference"]["step_ms"] * 1000)
    groups = []
    for one in surveyed:
        groups.append(group := {"found": one, "figures": [], "reading": "", "table": ""})
        if one.look:
            group["figures"] = [_inputs(one, training), _rate(one.look)]
        if one.look and network:
            try:
                ways = read_all_ways(network, one.rows, placement_of(one.where), step_us, progress)
                group |= {"reading": ways_words(ways), "table": ways_html(ways)}
            except StudyError as error:
                group["reading"] = f"The network can't read them: {error}"
    css = Markup(style_of(TEMPLATE.parent, ("page.css",)))
    page = {"groups": groups, "network": told, "study": settings["study"], "style": css}
    written = render(TEMPLATE, page | {"coded": text.coded})
    # The keyboard has to reach what scrolls.
    written = written.replace('<div class="scroll', '<div tabindex="0" class="scroll')
    try:
        with replacing(output) as temporary:
            temporary.write_text(written, encoding="utf-8")
    except OSError as error:
        raise StudyError(f"{output}: can't be written ({reason_of(error)}).") from error


@style.styled()
def _inputs(one: Surveyed, training: Training) -> dict[str, Any]:
    rows = {"yours": one.look.frames}
    if len(training.frames.pixels):
        kind = "simulated training" if training.is_simulated else "training"
        rows[kind] = training.frames.like(one.look.frames)
    return _embedded(inputs.plot(rows, "", one.group.classes), INPUTS_CAPTION, ".png")


@style.styled()
def _rate(look: Look) -> dict[str, Any]:
    figure = style.new_figure(style.WIDTH_IN, 2.8)
    axis = figure.add_subplot()
    axis.stairs(look.rate / 1e3, look.edges_s, color=style.BLUE, linewidth=1.4)
    axis.set(xlabel="time since the first event (s)", ylabel="thousand events per second")
    axis.set(xlim=(0, look.edges_s[-1]), ylim=(0, None))
    style.faint_grid(axis, "y")
    return _embedded(figure, RATE_CAPTION, ".svg")


def _embedded(figure: style.Figure, caption: str, suffix: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        style.save(figure, path := Path(folder) / f"figure{suffix}")
        image = text.embed_figure(path, caption)
    return {"image": image, "caption": caption, "label": f"Figure: {caption}"}
