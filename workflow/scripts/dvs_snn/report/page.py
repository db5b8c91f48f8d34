"""The report: one self-contained page made from the tables, the figures and the provenance record.

Sections take every number from a table or from the settings; the templates hold the words. Figures
go in as images in data URIs: the ids inside SVG files cannot collide, and nothing in them can run
or be fetched.
"""

import functools
import json
import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import vl_convert
import yaml
from markupsafe import Markup
from pydantic import TypeAdapter

from dvs_snn.analysis.budgets import FLOOR_MW
from dvs_snn.files.atomic import replacing
from dvs_snn.files.tables import read_table
from dvs_snn.report import live, text
from dvs_snn.report.cells import ordered
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.front_rows import quoted_cnn
from dvs_snn.report.sections import (
    answer,
    real,
    recordings,
    reproduce,
    rivals,
    soon,
    tradeoff,
    trust,
)
from dvs_snn.report.style import method_name
from dvs_snn.report.table import table_html
from dvs_snn.report.template import Context, hash_of, render, style_of
from dvs_snn.settings.study_settings import Study
from dvs_snn.settings.sweep import Power

TITLE = "How much power does a spiking CNN need to read a digit from an event camera?"
NOT_A_RESULT = "tables/NOT-A-RESULT.txt"
"""Where a study with marks says so, beside its tables."""

PJ = (0.1, 120.0)
"""Ends of the sliders of a SynOp's and a MAC's energy, in pJ."""

STYLES = ("page.css", "player.css")
SCRIPTS = ("player.js", "page.js")
"""The page's own, beside its template; players listen when the page follows its address."""

SECTIONS = {
    "answer": answer,
    "tradeoff": tradeoff,
    "rivals": rivals,
    "soon": soon,
    "recordings": recordings,
    "real": real,
    "trust": trust,
    "reproduce": reproduce,
}
"""The page's sections, by the names under which the template fills them in."""


@dataclass(frozen=True)
class ReportJob:
    """What the rule `report` gives.

    Attributes:
        tables: result tables, each file named as its table.
        figures: files, named as their figures.
        panels: figures of recordings, in folders that are named as these.
        provenance: JSON of code, versions and data.
        config: the settings as used.
        template: the page's, and below it the files that it includes.
        own_files: names of the recordings that the user's own files hold.
        page: one HTML file that needs no other.
        headline: the answer in plain text.
    """

    tables: list[Path]
    figures: list[Path]
    panels: list[Path]
    provenance: Path
    config: Path
    template: list[Path]
    own_files: list[str]
    page: Path
    headline: Path


def write_report(job: ReportJob) -> None:
    """Write the page, the headline, and the note if the study, or a set of it, is no result."""
    settings = yaml.safe_load(job.config.read_text(encoding="utf-8"))
    panels: dict[str, dict[str, Path]] = {}
    for path in job.panels:
        panels.setdefault(path.parent.name, {})[path.stem] = path
    study = FinishedStudy(
        settings=TypeAdapter(Study).validate_python(settings),
        tables={path.stem: read_table(path, path.stem) for path in job.tables},
        provenance=json.loads(job.provenance.read_text(encoding="utf-8")),
        figures={path.stem: path for path in job.figures},
        panels=panels,
        own_files=job.own_files,
    )
    written = {
        job.page: render_page(job.template[0], study),
        job.headline: answer.headline_of(study),
    }

    note = job.page.parent / NOT_A_RESULT
    if mark := study.marks.on():
        written[note] = f"{mark}\n"
    else:
        note.unlink(missing_ok=True)

    for path, content in written.items():
        with replacing(path) as temporary:
            temporary.write_text(content, encoding="utf-8")


def render_page(template: Path, study: FinishedStudy) -> str:
    """Fill the page's template in, as :func:`~dvs_snn.report.template.render` does."""
    parts = {name: section.context(study) for name, section in SECTIONS.items()}
    power = study.power
    low_pj, high_pj = power.energy_band_pj
    context = {
        "title": study.classes.worded(TITLE),
        "study": study,
        "settings": study.settings,
        "classes": study.classes,
        "set_names": ordered(study.evaluation["set"]),
        "is_simulated": study.origin.is_source_simulated,
        "table": table_html,
        "power": {
            "energy": text.with_unit(power.energy_per_synop_pj, "pJ", text.setting),
            "live_energy": live.setting("pj", power.energy_per_synop_pj, "pJ"),
            "band": f"{low_pj:g} to {high_pj:g}\u00a0pJ",
            "static": text.with_unit(power.static_power_mw, "mW", text.setting),
        },
        "sliders": _sliders(power, study.table("chips")),
        "compared": _compared(study),
    }
    return render(template, context | parts | page_parts(template.parent))


def _sliders(power: Power, chips: pd.DataFrame) -> dict[str, Context]:
    """Ends, places and marks of the sliders: round marks, and those of chips.

    Prices in pJ are logarithmic. A mark is its name, its place and its width in per cent of the
    slider's.
    """
    price_pj = power.energy_per_synop_pj
    low = math.log10(min(PJ[0], price_pj))
    high = math.log10(max(PJ[1], price_pj))

    def along(value: float) -> float:
        return round(100 * (math.log10(value) - low) / (high - low), 2)

    pj_marks = [(f"{tick:g}", along(tick), 0.0) for tick in (0.1, 1, 10, 100)]
    chip_marks = []
    of_chips = chips[chips["chip"].isin(["Speck", "Loihi"])].groupby("chip")
    ends = of_chips.agg(low=("pj_low", "min"), high=("pj_high", "max"))
    for chip, least, most in ends.itertuples():
        width = round(along(most) - along(least), 2)
        chip_marks.append((chip, along(least), max(width, 0.5)))

    static_mw = power.static_power_mw
    most_mw = max(1.0, static_mw)
    static_marks = [(f"{tick:g}", 100 * tick / most_mw, 0.0) for tick in (0, 0.5, 1)]
    static_marks.append(("Speck", round(100 * FLOOR_MW / most_mw, 2), 0.5))

    place = round(math.log10(price_pj), 4)
    in_pj = {"low": round(low, 4), "high": round(high, 4), "place": place, "price": price_pj}
    return {
        "synop": {**in_pj, "marks": pj_marks + chip_marks},
        "mac": {**in_pj, "marks": pj_marks},
        "idle": {
            "low": 0,
            "high": most_mw,
            "place": static_mw,
            "price": static_mw,
            "marks": static_marks,
        },
    }


def _compared(study: FinishedStudy) -> Context | None:
    """The quoted spiking network and the quoted CNN at the sliders' prices; None without both."""
    point = study.chosen_point
    cnn = quoted_cnn(study.front, study.answer_set)
    if point is None or cnn is None:
        return None
    spiking = live.spent_by(point)
    of_cnn = live.spent_by(cnn)
    return {
        "network": method_name(point["method"]),
        "energy": live.energy(spiking, study.power),
        "cnn": method_name(cnn["method"]),
        "cnn_energy": live.energy(of_cnn, study.power),
        "cheaper": live.cheaper(spiking, of_cnn, study.power),
    }


@functools.cache
def page_parts(folder: Path) -> Context:
    """The page's style and scripts, and the policy that lets a browser run nothing else.

    The scripts are Vega, from the bundle that `vl_convert` brings, and the page's own.
    """
    style = style_of(folder, STYLES)
    vega = vl_convert.javascript_bundle(snippet="window.vegaEmbed = vegaEmbed;")
    # The bundle's names stay its own.
    scripts = [f"(() => {{{vega}}})();"]
    scripts += [(folder / name).read_text(encoding="utf-8") for name in SCRIPTS]
    # A script element's content ends at the first </script.
    scripts = [script.replace("</script", "<\\/script") for script in scripts]
    policy = (
        f"default-src 'none'; img-src data:; style-src {hash_of(style)}; "
        f"style-src-attr 'unsafe-inline'; script-src {' '.join(map(hash_of, scripts))}; "
        "base-uri 'none'; form-action 'none'"
    )
    return {"style": Markup(style), "scripts": [*map(Markup, scripts)], "policy": policy}
