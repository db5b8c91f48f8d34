"""What all charts share: Altair, colours and fonts, common parts, and a chart's file.

A chart is a figure that the page draws alive. Its file is an SVG, for readers without JavaScript,
for print and for Snakemake's own report. The SVG's metadata hold the compiled Vega specification,
from which the page's script draws the same chart.
"""

import json
import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, unescape

import pandas as pd

from dvs_snn.files.atomic import replacing
from dvs_snn.report.style import INK, Library, looks

alt = Library("altair")
Chart = Any
"""Any chart of Altair's, as annotations name it: they import nothing."""

Encoding = Any
"""What Altair draws by a channel: a field on an axis, in a colour or by a shape."""

PAPER = "#ffffff"
GRID = "#8b949e"
"""Background and grid of a chart. On the page its text takes the colour of the page's text."""

WIDTH = 278
"""Pixels of a panel: with its axis it fits the screen of a phone. Wider screens enlarge it."""

VEGA_LITE = "6.4"
EMPTY = "is_empty"
"""Marks a chart that shows nothing but a sentence: the page leaves it out."""
FONT = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
INKED = {"labelColor": INK, "titleColor": INK}
CONFIG = {
    # The page names the whole chart; single marks would only repeat its table.
    "aria": False,
    "background": PAPER,
    "font": "DejaVu Sans, Verdana, sans-serif",
    "axis": FONT
    | INKED
    | dict.fromkeys(("domainColor", "tickColor", "gridColor"), GRID)
    | {"gridOpacity": 0.3},
    "legend": FONT
    | INKED
    | {"title": None, "labelLimit": 400, "orient": "bottom", "symbolSize": 90}
    # One below the other, so that a phone shows all of both.
    | {"layout": {"bottom": {"direction": "vertical", "anchor": "start"}}},
    "title": {"color": INK, "fontSize": 13, "fontWeight": "bold", "anchor": "start"},
    "header": INKED | {"title": None, "labelFontSize": 13},
    "text": {"color": INK, "fontSize": 12},
    "view": {"stroke": GRID, "strokeOpacity": 0.4},
}


def spec_of(chart: Chart) -> dict[str, object]:
    """A chart as Vega-Lite, with what `CONFIG` says for all."""
    with alt.data_transformers.enable("default", max_rows=None):
        return chart.to_dict() | {"config": CONFIG}


def write(chart: Chart, path: Path) -> None:
    """Write a chart as SVG with its Vega specification, whole or not at all."""
    import vl_convert

    spec = spec_of(chart)
    picture = own_ids(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE))
    compiled = vl_convert.vegalite_to_vega(spec, vl_version=VEGA_LITE)
    start, rest = picture.split(">", 1)
    vega = escape(json.dumps(compiled, separators=(",", ":")))
    with replacing(path) as temporary:
        temporary.write_text(f"{start}><metadata>{vega}</metadata>{rest}", encoding="utf-8")


def parts_of(file: str) -> tuple[str, str]:
    """Take a chart's file apart: its picture, and its Vega specification as JSON."""
    start, rest = file.split("<metadata>", 1)
    vega, end = rest.split("</metadata>", 1)
    return start + end, unescape(vega)


def shows_nothing(file: str) -> bool:
    """Whether a chart's file holds a `sentence` alone."""
    return EMPTY in json.loads(parts_of(file)[1]).get("usermeta", {})


def own_ids(picture: str) -> str:
    """Name the ids of an SVG by their order: Vega counts on over all pictures of a process."""
    for number, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', picture))):
        picture = re.sub(rf'(\bid="|#){re.escape(name)}(?=["\')])', rf"\g<1>part-{number}", picture)
    return picture


def layered(parts: Iterable[Chart]) -> Chart:
    """Lay charts of tables over each other; Vega would warn of one without a row."""
    return alt.layer(*[part for part in parts if len(part.data)])


def sentence(words: str) -> Chart:
    """A chart that says in one sentence why there is nothing to show."""
    text = {"text": textwrap.wrap(words, 80), "align": "center", "baseline": "middle"}
    empty = alt.Chart(alt.Data(values=[{}]))
    return empty.mark_text(**text).properties(width=600, height=80, usermeta={EMPTY: True})


def by_method(methods: Iterable[str], **legend: object) -> tuple[Encoding, Encoding]:
    """The encodings by colour and by shape of the field `method`, which holds names of the page.

    Args:
        methods: as the tables name them.
        legend: options of Altair's Legend.
    """
    shown = looks(methods)
    names = list(shown)
    colours = [colour for colour, _ in shown.values()]
    shapes = [shape for _, shape in shown.values()]
    legend = alt.Legend(**{"columns": 3} | legend)
    colour = alt.Color("method:N", legend=legend).scale(domain=names, range=colours)
    shape = alt.Shape("method:N", legend=legend).scale(domain=names, range=shapes)
    return colour, shape


def worded(rows: pd.DataFrame, words: str) -> pd.DataFrame:
    """Rows with the words of their tooltips, a format string of their columns, as `words`."""
    written = [words.format(**row).replace("%", " %") for row in rows.to_dict("records")]
    return rows.assign(words=written)


def logarithmic(
    channel: Encoding, title: str, domain: Sequence[float], steps: Sequence[float] = (1, 2, 5)
) -> Encoding:
    """An encoding by a logarithm; between both positive ends ticks at `steps` of each decade."""
    numbers = [step * 10.0**decade for decade in range(-9, 13) for step in steps]
    ticks = [float(f"{number:.3g}") for number in numbers if domain[0] <= number <= domain[1]]
    scale = alt.Scale(type="log", domain=domain, nice=False)
    return channel.title(title).scale(scale).axis(values=ticks, format="~g")


def stacks() -> Encoding:
    """The parameter that lets the page stack a chart's panels on a phone."""
    return alt.VariableParameter(name="stacks", value=True)
