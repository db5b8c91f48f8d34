"""The page on recordings: all its words and pictures, in one file that needs no other."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of
from dvs_snn.files.job import Progress
from dvs_snn.plausibility.finding import is_bad, seconds_words
from dvs_snn.plausibility.pictures import UNKNOWN
from dvs_snn.plausibility.places import sensor_size_of
from dvs_snn.plausibility.survey.folders import Surveyed, survey_group
from dvs_snn.plausibility.survey.groups import group_at
from dvs_snn.plausibility.survey.reference import Reference, reference_of
from dvs_snn.plausibility.survey.told import pasted
from dvs_snn.report import text
from dvs_snn.report.figures.results import inputs
from dvs_snn.report.preview import rate_chart
from dvs_snn.report.preview.hot_pixels import RULE, hot_pixels
from dvs_snn.report.preview.orientations import (
    Reading,
    Trained,
    Way,
    open_trained,
    read_all_ways,
    trained_network,
)
from dvs_snn.report.preview.rates import Flicker
from dvs_snn.report.preview.scan import Scan, scan
from dvs_snn.report.style import save
from dvs_snn.report.template import hash_of, render, style_of
from dvs_snn.settings.data import TEN_DIGITS, Classes
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.study import WORKFLOW

TEMPLATE = WORKFLOW / "report" / "preview.html.j2"
MOST_LISTED = 10
"""Hot pixels, faults and names of files that the page lists."""

RATE_CAPTION = (
    "Events per second over the time since the first event{of}. Each event costs the synapses of "
    "the first layer, so this rate sets the floor of the power."
)
INPUTS_CAPTION = (
    "The mean frame and three single frames of {what}{training}. The mean frames share one scale "
    "of grey, the single frames another."
)


def write_preview(
    path: Path, settings: Mapping[str, Any], results: Path, output: Path, progress: Progress
) -> Surveyed:
    """Write the page on a recording or a folder of them.

    Args:
        settings: the whole study's, as :func:`~dvs_snn.settings.study.as_dict` gives them.
        results: folder of the study's results.

    Returns:
        What the check found.

    Raises:
        StudyError: nothing can be read, or the page can't be written.
    """
    if output.suffix.lower() != ".html":
        raise StudyError(f"{output}: expected a name that ends in .html; give --output another.")
    group = group_at(path, settings)
    reference = reference_of(settings, results, progress)
    step_ms = settings["inference"]["step_ms"]
    one = survey_group(group, reference.training, step_ms, progress)
    if one.rows.empty:
        more = f"; none of {len(one.faults)} files can be used" if len(one.faults) > 1 else ""
        raise StudyError(f"{one.faults[0]}{more}")
    found = scan(one.rows, one.where, FrameRule(**settings["frames"]), progress)
    page = {
        **_facts(one, found),
        **_check(one),
        **_rates(one, found),
        **_pixels(found),
        **_pictures(found, reference, group.classes),
        "classes": group.classes,
        "reading": _reading(one, settings, results, progress),
        "path": str(path),
        "study": settings["study"],
    }
    style = style_of(TEMPLATE.parent, ("page.css",))
    policy = (
        f"default-src 'none'; img-src data:; style-src {hash_of(style)}; base-uri 'none'; "
        "form-action 'none'"
    )
    html = render(TEMPLATE, page | {"style": Markup(style), "policy": policy})
    # No script runs here, as on the report's page, that lets the keyboard reach what scrolls.
    html = html.replace('<div class="scroll', '<div tabindex="0" class="scroll')
    try:
        with replacing(output) as temporary:
            temporary.write_text(html, encoding="utf-8")
    except OSError as error:
        raise StudyError(f"{output}: can't be written ({reason_of(error)}).") from error
    return one


def _facts(one: Surveyed, found: Scan) -> dict[str, Any]:
    """What the recordings are, as tiles and in words."""
    rows, where, classes = one.rows, one.where, one.group.classes
    width, height = sensor_size_of(rows)
    labels = sorted(set(rows["label"]) - {UNKNOWN})
    many = len(rows) > 1
    duration, events = rows["duration_s"], rows["n_events"]
    rate = text.significant(found.n_events / max(found.seconds, 1e-6))
    tiles = [
        ("recordings", text.count(len(rows)), f"{len(one.faults)} more can't be used"
         if one.faults else ""),
        ("sensor, pixels", f"{width} × {height}", ""),
        ("median duration" if many else "duration", seconds_words(float(duration.median())),
         f"{seconds_words(duration.min())} to {seconds_words(duration.max())}" if many else ""),
        ("median events" if many else "events", text.count(events.median()),
         f"{text.count(events.min())} to {text.count(events.max())}" if many else ""),
        ("events per second", rate, ""),
        ("ON events", text.NOTHING if found.on_share is None else text.percent(found.on_share),
         "the files tell no polarity" if found.on_share is None else
         f"{text.percent(1 - found.on_share)} OFF"),
    ]  # fmt: skip
    facts = [
        ("Sensor", f"{width} × {height} pixels, {_size_source(one)}"),
        (classes.words.capitalize(), text.listed([classes.names[label] for label in labels])
         if labels else f"not known, as no folder is called {classes.folders}"),
        ("On the network", f"zoom {where['zoom']:g}, rotate {where['rotate']}, flip "
         f"{where['flip']}, {_placement_source(one)}"),
        ("Times", f"read in {where.get('time_unit') or 'the unit that the format or file states'}"),
        ("Files", _files(list(rows["recording"]))),
    ]  # fmt: skip
    return {"tiles": tiles, "facts": facts}


def _size_source(one: Surveyed) -> str:
    if one.group.where and one.group.where["sensor_size"]:
        return "as the settings say"
    untold = int((one.rows["size_told"] == 0).sum())
    if not untold:
        return "as the files or their formats state it"
    return f"the largest found; {untold} of {len(one.rows)} files state none or a smaller one"


def _placement_source(one: Surveyed) -> str:
    if one.group.where is not None:
        return f"as the settings of {one.group.section} say"
    return "so that the whole sensor fits, as no settings name these recordings"


def _files(names: Sequence[str]) -> str:
    if len(names) <= MOST_LISTED:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_LISTED])} and {text.count(len(names) - MOST_LISTED)} more"


def _check(one: Surveyed) -> dict[str, Any]:
    """What the check found, and settings to paste."""
    return {
        "is_plausible": one.is_plausible,
        "faults": list(one.faults[:MOST_LISTED]),
        "n_more_faults": max(len(one.faults) - MOST_LISTED, 0),
        "findings": [
            (is_bad(finding), text.coded(_as_sentence(str(finding)))) for finding in one.findings
        ],
        "section": one.group.section,
        "to_paste": "\n".join(pasted(one)) if one.remedies else "",
    }


def _as_sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}{'' if words.endswith('?') else '.'}"


def _rates(one: Surveyed, found: Scan) -> dict[str, Any]:
    n = found.n_recordings
    of = f", the mean of those of {text.count(n)} recordings that last so long" if n > 1 else ""
    caption = RATE_CAPTION.format(of=of)
    return {
        "looked_at": f"{text.count(n)} of the {text.count(len(one.rows))} recordings"
        if n < len(one.rows) else "",
        "rate": _figure(rate_chart.plot(found.rate), "event rate", caption, ".svg"),
        "flicker": flicker_words(found.flicker),
    }  # fmt: skip


def flicker_words(flicker: Flicker | None) -> str:
    """Say whether the event rate has a line, and how high the highest is."""
    if flicker is None:
        return "Flicker: too short to tell. A spectrum needs 0.1 s."
    height = f"{flicker.height:.3g} times the median power of the frequencies around it"
    place = f"{flicker.peak_hz:.1f} Hz (within {flicker.resolution_hz:.2g} Hz)"
    if flicker.is_line:
        return f"Flicker: a line at {place}, {height}: a lamp or a screen flickers at this rate."
    return f"Flicker: none. The highest peak, at {place}, has {height}, no more than noise has."


def _pixels(found: Scan) -> dict[str, Any]:
    places = hot_pixels(found.pixels)
    n = found.pixels.n
    rows = [
        {
            "x": text.count(found.pixels.x[place]),
            "y": text.count(found.pixels.y[place]),
            "events": text.count(n[place]),
            "events/s": text.significant(n[place] / max(found.seconds, 1e-6)),
            "share of events": text.percent(n[place] / found.n_events),
        }
        for place in places[:MOST_LISTED]
    ]
    share = float(n[places].sum() / found.n_events)
    words = f"Hot pixels: {text.count(len(places))}, with {text.percent(share)} of the events."
    table = text.table_html(rows, f"The worst {len(rows)} of {len(places)} hot pixels")
    return {
        "hot": words if len(places) else "Hot pixels: none.",
        "hot_rule": f"{RULE}.",
        "hot_table": table,
    }


def _pictures(found: Scan, reference: Reference, classes: Classes) -> dict[str, Any]:
    ours, training = found.frames, reference.frames
    if not len(ours.pixels):
        return {"inputs": None}
    same = sorted(set(ours.labels.tolist()) & set(training.labels.tolist()))
    kind = "simulated training" if reference.is_simulated else "training"
    whose = f"the study's {kind} frames" if reference.has_run else f"{kind} recordings"
    beside = f", beside {whose} of {classes.listed(same)}" if same else f", beside {whose}"
    name = "these recordings" if found.n_recordings > 1 else "this recording"
    rows = [inputs.Row(name, ours)]
    if len(training.pixels):
        rows.append(inputs.Row(kind, training.like(ours)))
    else:
        beside = ". The study has no training frames yet to compare with"
    caption = INPUTS_CAPTION.format(what=name, training=beside)
    figure = inputs.plot(rows, "", classes)
    return {"inputs": _figure(figure, "what the network sees", caption, ".png")}


def _figure(figure: Figure, title: str, caption: str, suffix: str) -> dict[str, Any]:
    """A figure as the template's macro shows it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"figure{suffix}"
        save(figure, path)
        return {"image": text.embed_figure(path, caption), "caption": caption, "title": title}


def _reading(
    one: Surveyed, settings: Mapping[str, Any], results: Path, progress: Progress
) -> dict[str, Any] | None:
    """What the study's network reads in all orientations; None if there is none."""
    trained = trained_network(settings, results)
    if trained is None:
        return None
    try:
        network = open_trained(trained, settings)
        step_us = round(settings["inference"]["step_ms"] * 1000)
        labels, ways = read_all_ways(network, one.rows, one.where, step_us, progress)
    except StudyError as error:
        return {"network": _network_words(trained), "fault": str(error), "table": None}
    return {
        "network": _network_words(trained),
        "fault": "",
        "finding": orientation_words(labels, ways, one.group.classes),
        "table": orientation_table(labels, ways, one.group.classes),
    }


def _network_words(trained: Trained) -> str:
    chosen = (
        f"the scale that validation chose for the method {trained.method}"
        if trained.method
        else "as validation chose no scale"
    )
    return f"variant {trained.variant}, seed {trained.seed}, scale {trained.scale:.2f} ({chosen})"


def way_words(way: Way) -> str:
    """An orientation as settings: `flip: x, rotate: 90`."""
    return f"flip: {way.flip}, rotate: {way.rotate}"


def _read_words(read: Reading, silent: str, reads: str, classes: Classes) -> str:
    return silent if read.predicted is None else f"{reads}{classes.names[read.predicted]}"


def orientation_words(
    labels: Sequence[int], ways: Sequence[Way], classes: Classes = TEN_DIGITS
) -> str:
    """Say in which orientation the network reads best, beside as they lie."""
    shares = [way.right_share(labels) for way in ways]
    if len(labels) == 1:
        read = ways[0].readings[0]
        words = f"It {_read_words(read, 'stays silent', 'reads ', classes)}."
        return f"{words} Its lead is {read.lead} of {read.n_spikes} output spikes."
    if shares[0] is None:
        best = int(np.argmax([way.mean_lead for way in ways]))
        return (
            f"Its mean lead is {ways[0].mean_lead:.1f} spikes as they lie, and largest with "
            f"{way_words(ways[best])}: {ways[best].mean_lead:.1f}. No label says what is right."
        )
    best = int(np.argmax(shares))
    words = f"It reads {text.percent(shares[0])} of {len(labels)} recordings right as they lie"
    if shares[best] == shares[0]:
        return f"{words}, and no more in any other orientation."
    return f"{words}, and {text.percent(shares[best])} with {way_words(ways[best])}."


def orientation_table(
    labels: Sequence[int], ways: Sequence[Way], classes: Classes = TEN_DIGITS
) -> Markup | None:
    """What the network reads in each orientation, as they lie first."""
    rows = []
    for number, way in enumerate(ways):
        row = {"orientation": way_words(way) + (" (as it lies)" if number == 0 else "")}
        if len(labels) == 1:
            (read,) = way.readings
            row["reads"] = _read_words(read, "silent", "", classes)
            row["lead (spikes)"] = text.count(read.lead)
            row["output spikes"] = text.count(read.n_spikes)
        else:
            share = way.right_share(labels)
            row |= {} if share is None else {"read right": text.percent(share)}
            row["mean lead (spikes)"] = f"{way.mean_lead:.1f}"
            silent = sum(read.predicted is None for read in way.readings)
            row["silent"] = text.count(silent)
        rows.append(row)
    caption = (
        "What the network reads in each orientation. The lead is the spikes of the most active "
        "output neuron, minus those of the second"
    )
    return text.table_html(rows, caption)
