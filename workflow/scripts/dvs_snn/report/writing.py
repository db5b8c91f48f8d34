"""From tables and figures to the report page."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from dvs_snn.datasets.frame_store import read_index
from dvs_snn.files.atomic import replacing
from dvs_snn.files.tables import read_table
from dvs_snn.report.page import build_context, render_page


def write_report(
    tables: Mapping[str, Path],
    figures: Mapping[str, Path],
    panels: Mapping[str, Mapping[str, Path]],
    extra: Mapping[str, Path],
    split: Sequence[Path],
    output: Path,
) -> None:
    """Write ``report.html``: one page that needs no other file.

    Args:
        tables, figures: name -> path.
        panels: recording -> name -> path of its figures.
        extra: `provenance`, `config` (as used), `index` (of frames), `template`, and of speed as it
            was measured and published: `benchmark`, a table, and `speed`, its figure.
        split: the split table, if the study has one.
    """
    config_text = extra["config"].read_text(encoding="utf-8")
    config = yaml.safe_load(config_text)
    frames = {name: read_table(path) for name, path in tables.items()}
    frames["frame_index"] = read_index(extra["index"])
    frames["benchmark"] = read_table(extra["benchmark"])
    if split:
        frames["split"] = read_table(split[0])
    context = build_context(
        study=config["study"],
        source=config["data"]["source"],
        tables=frames,
        provenance=json.loads(extra["provenance"].read_text(encoding="utf-8")),
        config=config,
        config_text=config_text,
        figures={**figures, "speed": extra["speed"]},
        recording_figures={name: dict(paths) for name, paths in panels.items()},
    )
    with replacing(output) as temporary:
        temporary.write_text(render_page(extra["template"], context), encoding="utf-8")
