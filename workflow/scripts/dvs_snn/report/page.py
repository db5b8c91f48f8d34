"""The report: one self-contained page made from the tables, the figures and the provenance record.

Sections take every number from a table or from the settings; the templates hold the words. Figures
go in as images in data URIs: the ids inside SVG files cannot collide, and nothing in them can run
or be fetched.
"""

import base64
import functools
import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import vl_convert
import yaml
from markupsafe import Markup
from pydantic import TypeAdapter

from dvs_snn.files.atomic import replacing
from dvs_snn.files.registry import load, names
from dvs_snn.files.tables import read_table, result_tables
from dvs_snn.report import live, text
from dvs_snn.report.cells import ordered
from dvs_snn.report.sections.answer import headline_of
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.table import table_html
from dvs_snn.report.template import hash_of, render, style_of
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.study import Study
from dvs_snn.settings.sweep import Power
from dvs_snn.tables import marks

TITLE = "How much power does a spiking CNN need to read a digit from an event camera?"
VARYING = ("runtimes",)
LARGEST_DOWNLOAD = 35_000
"""Bytes of a table that the page holds; larger ones lie in the study's folder alone."""

STYLES = ("page.css", "player.css")
SCRIPTS = ("page.js", "player.js", "tabs.js")
"""The page's own, beside its template."""

SECTIONS = "dvs_snn.report.sections"
"""Registry of the sections: each has a `context` of a finished study, for the template."""


def write_report(
    tables: list[Path],
    figures: list[Path],
    panels: list[Path],
    provenance: Path,
    config: Path,
    template: list[Path],
    own_files: list[str],
    page: Path,
    headline: Path,
) -> None:
    """Write ``report.html``, one page that needs no other file, ``headline.txt``, and any marks.

    Args:
        tables, figures: files, named as the table or the figure.
        panels: figures of recordings, in folders that are named as these.
        config: the settings as used.
        template: the page's, and below it the files that it includes.
        own_files: names of the recordings that the user's own files hold.
    """
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    of_recordings: dict[str, dict[str, Path]] = {}
    for path in panels:
        of_recordings.setdefault(path.parent.name, {})[path.stem] = path
    study = FinishedStudy(
        settings=TypeAdapter(Study).validate_python(settings),
        tables={path.stem: read_table(path, path.stem) for path in tables},
        provenance=json.loads(provenance.read_text(encoding="utf-8")),
        figures={path.stem: path for path in figures},
        panels=of_recordings,
        own_files=own_files,
    )
    written = {page: render_page(template[0], study), headline: headline_of(study)}
    marked = page.parent / marks.FILE
    if mark := study.marks.on():
        written[marked] = f"{mark}\n"
    else:
        marked.unlink(missing_ok=True)
    for path, content in written.items():
        with replacing(path) as temporary:
            temporary.write_text(content, encoding="utf-8")


def render_page(template: Path, study: FinishedStudy) -> str:
    """Fill the page's template in, as :func:`~dvs_snn.report.template.render` does."""
    sections = {name: load(SECTIONS, name).context(study) for name in names(SECTIONS)}
    set_names, power, origin = ordered(study.evaluation["set"]), study.power, study.origin
    context = {
        "title": study.classes.worded(TITLE),
        "study": study,
        "settings": study.settings,
        "classes": study.classes,
        "set_names": set_names,
        "is_simulated": origin.is_source_simulated,
        "is_all_simulated": origin.is_source_simulated and all(map(origin.is_simulated, set_names)),
        "is_validated": len(study.chosen) > 0 and VALIDATION in set_names,
        "note": study.note_on,
        "table": functools.partial(table_html, power=power),
        "mw": functools.partial(live.power, settings=power),
        "mw_band": functools.partial(live.band, settings=power),
        "uj": functools.partial(live.energy, settings=power),
        "power": {
            "energy": text.with_unit(power.energy_per_synop_pj, "pJ", text.setting),
            "live_energy": live.synop_pj(power),
            "band": "{:g} to {:g}\u00a0pJ".format(*power.energy_band_pj),
            "static": text.with_unit(power.static_power_mw, "mW", text.setting),
        },
        "sliders": _sliders(power, study.table("chips")),
        "downloads": _downloads(study),
    }
    return render(template, context | sections | page_parts(template.parent))


def _sliders(power: Power, chips: pd.DataFrame) -> dict[str, Any]:
    """Ends and starts of both sliders; pJ is logarithmic, from a tenth of the band's lower end.

    `marks` are what a SynOp costs on two chips, from the least to the most.
    """
    of_chips = chips[chips["chip"].isin(["Speck", "Loihi"])].groupby("chip")
    ends = of_chips.agg(low=("pj_low", "min"), high=("pj_high", "max"))
    pj, static_mw = power.energy_per_synop_pj, power.static_power_mw
    low, high = power.energy_band_pj
    return {
        "pj": f"{pj:g}",
        "pj_log": f"{math.log10(pj):.2f}",
        "pj_log_low": f"{math.floor(100 * math.log10(min(low / 10, pj))) / 100:.2f}",
        "pj_log_high": f"{math.ceil(100 * math.log10(max(high, pj))) / 100:.2f}",
        "marks": [
            (f"{math.log10(end):.2f}", chip) for chip, *both in ends.itertuples() for end in both
        ],
        "marked": [
            f"{chip} {low:.3g} to {high:.3g}\u00a0pJ" for chip, low, high in ends.itertuples()
        ],
        "static_mw": f"{static_mw:g}",
        "static_high": f"{max(1, math.ceil(static_mw)):g}",
    }


def _downloads(study: FinishedStudy) -> dict[str, Markup | None]:
    """The tables behind the page; of the smaller ones an address that is their content."""
    addresses = {}
    for name in result_tables():
        frame = study.tables.get(name, pd.DataFrame())
        if name in VARYING or frame.empty:
            continue
        addresses[name] = None
        # A cell takes at least the byte that ends it: a large table needn't be written to be known.
        if frame.size <= LARGEST_DOWNLOAD:
            written = frame.to_csv(index=False, lineterminator="\n").encode()
            if len(written) <= LARGEST_DOWNLOAD:
                data = base64.b64encode(written).decode("ascii")
                addresses[name] = Markup(f"data:text/csv;base64,{data}")
    return addresses


@functools.cache
def _vega() -> str:
    return vl_convert.javascript_bundle(snippet="window.vegaEmbed = vegaEmbed;")


def page_parts(folder: Path) -> dict[str, Any]:
    """The page's style and scripts, and the policy that lets a browser run nothing else.

    The scripts are Vega, from the bundle that `vl_convert` brings, and the page's own.
    """
    style = style_of(folder, STYLES)
    # The bundle's names stay its own.
    scripts = [f"(() => {{{_vega()}}})();"]
    scripts += [(folder / name).read_text(encoding="utf-8") for name in SCRIPTS]
    # A script element's content ends at the first </script.
    scripts = [script.replace("</script", "<\\/script") for script in scripts]
    policy = (
        f"default-src 'none'; img-src data:; style-src {hash_of(style)}; "
        f"style-src-attr 'unsafe-inline'; script-src {' '.join(map(hash_of, scripts))}; "
        "base-uri 'none'; form-action 'none'"
    )
    return {"style": Markup(style), "scripts": [*map(Markup, scripts)], "policy": policy}
