"""What all charts share: a Vega-Lite specification, its colours and fonts, and its file.

A chart is a figure that the page draws alive. Its file is an SVG, for readers without JavaScript,
for print and for Snakemake's own report. The SVG's metadata hold the compiled Vega specification,
from which the page's script draws the same chart.
"""

import itertools
import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, unescape

import pandas as pd
import vl_convert

from dvs_snn.files.atomic import replacing
from dvs_snn.report import style
from dvs_snn.report.cells import static_power

INK, PAPER, GRID = "#1b1f24", "#ffffff", "#8b949e"
"""Text, background and grid of a chart. On the page text takes the colour of the page's text."""

GREY = "#767676"
COLOURS = (
    style.BLUE, style.VERMILLION, style.GREEN, style.PURPLE, style.ORANGE, style.SKY, INK,
    "#a0663a",
)  # fmt: skip
SHAPES = ("circle", "square", "triangle-up", "triangle-down", "cross", "diamond", "stroke", "wedge")
VEGA_LITE = "6.4"

CONFIG: Mapping[str, Any] = {
    # The page names the whole chart; single marks would only repeat its table.
    "aria": False,
    "background": PAPER,
    "font": "DejaVu Sans, Verdana, sans-serif",
    "axis": {
        "labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12,
        "titleFontWeight": "normal", "domainColor": GRID, "tickColor": GRID, "gridColor": GRID,
        "gridOpacity": 0.3,
    },
    "legend": {
        "labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12,
        "titleFontWeight": "normal", "labelLimit": 400, "orient": "bottom", "symbolSize": 90,
    },
    "title": {"color": INK, "fontSize": 13, "fontWeight": "bold", "anchor": "start"},
    "header": {"labelColor": INK, "titleColor": INK, "labelFontSize": 13},
    "text": {"color": INK, "fontSize": 12},
    "view": {"stroke": GRID, "strokeOpacity": 0.4},
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart: its Vega-Lite specification, without what `CONFIG` says for all."""

    spec: Mapping[str, Any]

    def write(self, path: Path) -> None:
        """Write the chart as SVG with its Vega specification, whole or not at all."""
        spec = {**self.spec, "config": CONFIG}
        picture = own_ids(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE))
        compiled = vl_convert.vegalite_to_vega(spec, vl_version=VEGA_LITE)
        start, rest = picture.split(">", 1)
        vega = escape(json.dumps(compiled, separators=(",", ":")))
        with replacing(path) as temporary:
            temporary.write_text(f"{start}><metadata>{vega}</metadata>{rest}", encoding="utf-8")


def parts_of(file: str) -> tuple[str, str]:
    """Take a chart's file apart: its picture, and its Vega specification as JSON."""
    vega = re.search(r"<metadata>(.*?)</metadata>", file, re.DOTALL)
    return file.replace(vega[0], "", 1), unescape(vega[1])


def own_ids(picture: str) -> str:
    """Name the ids of an SVG by their order: Vega counts on over all pictures of a process."""
    for number, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', picture))):
        picture = re.sub(rf'(\bid="|#){re.escape(name)}(?=["\')])', rf"\g<1>part-{number}", picture)
    return picture


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as Vega-Lite reads them inline: a gap is null."""
    return json.loads(rows.to_json(orient="records", double_precision=12))


def looks_of(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """A colour and a shape for each name, the same in all charts that show the same names."""
    looks = zip(itertools.cycle(COLOURS), itertools.cycle(SHAPES), strict=False)
    return dict(zip(dict.fromkeys(names), looks, strict=False))


def colour_scale(looks: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """The scale of an encoding `color` of these names."""
    return {"domain": list(looks), "range": [colour for colour, _ in looks.values()]}


def shape_scale(looks: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """The scale of an encoding `shape` of these names."""
    return {"domain": list(looks), "range": [shape for _, shape in looks.values()]}


def sentence(words: str) -> Chart:
    """A chart that says in one sentence why there is nothing to show."""
    lines = textwrap.wrap(words, 80)
    mark = {"type": "text", "text": lines, "align": "center", "baseline": "middle"}
    return Chart({"width": 600, "height": 80, "data": {"values": [{}]}, "mark": mark})


def across(field: str, title: str, names: Sequence[str], **order: Any) -> dict[str, Any]:
    """The encoding `x` of cells, names above, aslant where long; `order` is `sort` or `scale`."""
    angle = 0 if max(map(len, names)) * len(names) < 100 else -45
    axis = {"title": title, "orient": "top", "labelAngle": angle}
    return {"field": field, "type": "ordinal", **order, "axis": axis}


def shaded(rows: pd.DataFrame, share: str, place: Mapping[str, Any], n_columns: int) -> Chart:
    """A chart of cells, darker the larger their `share`, with columns `percent` and `words`."""
    # White text on the darker half: at least 4.5 to 1 either way.
    darkest = max(0.2, float(rows[share].max()))
    on_dark = f"datum.{share} > {0.45 * darkest:.4g}"
    return Chart(
        {
            "data": {"values": records(rows)},
            "width": {"step": max(22, min(52, 1040 // n_columns))},
            "height": {"step": 26},
            "layer": [
                {
                    "mark": {"type": "rect", "stroke": GRID, "strokeWidth": 0.5},
                    "encoding": {**place, "color": {
                        "field": share, "type": "quantitative",
                        "scale": {"range": ["#f7f4ee", "#7a2e00"], "domain": [0, darkest]},
                        "legend": {"title": share, "format": "~%", "gradientLength": 200}},
                        "tooltip": {"field": "words", "type": "nominal"}},
                },
                {
                    "mark": {"type": "text"},
                    "encoding": {**place, "text": {"field": "percent"}, "color": {
                        "condition": {"test": on_dark, "value": "#fffffe"}, "value": "#1b1f23"}},
                },
            ],
        }
    )  # fmt: skip


def power_params(power: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The two parameters that the page's sliders set: pJ per SynOp, and static power in mW."""
    return [
        {"name": "pj", "value": float(power["energy_per_synop_pj"])},
        {"name": "static_mw", "value": static_power(power)},
    ]


def log_values(low: float, high: float, steps: Sequence[float] = (1, 2, 5)) -> list[float]:
    """Round numbers between two positive ends, for the ticks of a logarithmic axis."""
    numbers = [step * 10.0**decade for decade in range(-9, 13) for step in steps]
    return [float(f"{number:.3g}") for number in numbers if low <= number <= high]
