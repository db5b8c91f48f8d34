"""The report: one self-contained page made from the tables, the figures and the provenance record.

Sections take every number from a table or from the settings; the templates hold the words. Figures
go in as images in data URIs: the ids inside SVG files cannot collide, and nothing in them can run
or be fetched.
"""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

import vl_convert
import yaml
from markupsafe import Markup
from pydantic import TypeAdapter

from dvs_snn.files.atomic import replacing
from dvs_snn.files.tables import read_table
from dvs_snn.report.cells import ordered
from dvs_snn.report.finished_study import FinishedStudy
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
from dvs_snn.report.table import table_html
from dvs_snn.report.template import Context, hash_of, render, style_of
from dvs_snn.settings.study_settings import Study

TITLE = "How much power does a spiking CNN need to read a digit from an event camera?"
NOT_A_RESULT = "tables/NOT-A-RESULT.txt"
"""Where a study with marks says so, beside its tables."""

STYLES = ("page.css", "player.css")
SCRIPTS = ("player.js", "page.js")
"""The page's own, beside its template."""

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
    low_pj, high_pj = study.power.energy_band_pj
    context = {
        "title": study.classes.worded(TITLE),
        "study": study,
        "settings": study.settings,
        "classes": study.classes,
        "set_names": ordered(study.evaluation["set"]),
        "is_simulated": study.origin.is_source_simulated,
        "table": table_html,
        "band": f"{low_pj:g} to {high_pj:g}\u00a0pJ",
    }
    return render(template, context | parts | page_parts(template.parent))


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
