"""The report: one self-contained page made from the tables, the figures and the provenance record.

Sections read every number from a table or from the settings and format it; the template holds the
words. Figures go in as images in data URIs: the ids inside SVG files cannot collide, and nothing in
them can run or be fetched.
"""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml

from dvs_snn.datasets.frame_store import read_index
from dvs_snn.files.atomic import replacing
from dvs_snn.files.tables import read_csv, read_table
from dvs_snn.report.cells import ordered
from dvs_snn.report.material import Material
from dvs_snn.report.sections import (
    ablation,
    answer,
    method,
    provenance,
    published,
    recordings,
    sets,
    speed,
    tradeoff,
    training,
    wrong,
)
from dvs_snn.report.sections.cost import audit, energy, front
from dvs_snn.report.sections.simulation import idle, realism, sensitivity, sensor
from dvs_snn.report.text import power_words
from dvs_snn.results.columns import TABLES
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.sources.split_table import read_split

SECTIONS = (answer, tradeoff, front, energy, recordings, published, method, audit, training, sets)
SECTIONS += (sensor, realism, sensitivity, idle, ablation, wrong, speed, provenance)


def write_report(
    tables: Mapping[str, Path],
    figures: Mapping[str, Path],
    panels: Mapping[str, Mapping[str, Path]],
    extra: Mapping[str, Path],
    own_files: Collection[str],
    output: Path,
) -> None:
    """Write ``report.html``: one page that needs no other file.

    Args:
        tables, figures: name -> path.
        panels: recording -> name -> path of its figures.
        extra: `provenance`, `config` (as used), `index` (of frames), `template`, `split` if the
            study has one, and of speed as it was measured and published: `benchmark`, a table, and
            `speed`, its figure.
        own_files: names of the recordings that the user's own files hold.
    """
    config_text = extra["config"].read_text(encoding="utf-8")
    config = yaml.safe_load(config_text)
    frames = {name: read_table(path, TABLES[name].columns) for name, path in tables.items()}
    frames["frame_index"] = read_index(extra["index"])
    frames["benchmark"] = read_csv(extra["benchmark"])
    if "split" in extra:
        frames["split"] = read_split(extra["split"])
    material = Material(
        study=config["study"],
        source=config["data"]["source"],
        tables=frames,
        provenance=json.loads(extra["provenance"].read_text(encoding="utf-8")),
        config=config,
        config_text=config_text,
        figures={**figures, "speed": extra["speed"]},
        panels=panels,
        own_files=own_files,
    )
    with replacing(output) as temporary:
        temporary.write_text(render_page(extra["template"], context_of(material)), encoding="utf-8")


def context_of(material: Material) -> dict[str, Any]:
    """Everything that the template shows, formatted: the context of each section by its name."""
    set_names = ordered(material.evaluation["set"])
    return {
        "title": "How much power does a spiking CNN need to read a digit from an event camera?",
        "study": material.study,
        "source": material.source,
        "banner": material.origin.banner(material.study, set_names),
        "is_simulated": material.origin.is_source_simulated,
        "is_validated": len(material.chosen) > 0 and VALIDATION in set_names,
        "config": material.config,
        "config_text": material.config_text,
        "power": power_words(material.power),
        **{section.__name__.split(".")[-1]: section.context(material) for section in SECTIONS},
    }


def render_page(path: Path, context: Mapping[str, Any]) -> str:
    """Fill the template in; everything that is not marked as HTML is escaped.

    Raises `jinja2.UndefinedError` if the template names something that `context` lacks.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(path.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(path.name).render(context)
