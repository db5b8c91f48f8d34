"""A page of nothing but players in tabs, made of the files that the page's template takes in."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

REPORT = Path(__file__).parents[2] / "workflow" / "report"
# The page's own colours, light and dark.
COLOURS = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --tint: #f6f8fa; --blue: #0072b2; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --line: #3d444d; --tint: #1b222b; --blue: #58a6e0; --paper: #0d1117; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; color: var(--ink); background: var(--paper); font: 16px/1.55 "DejaVu Sans", sans-serif; }
figcaption { color: var(--soft); font-size: .9rem; }
figure img { max-width: 100%; }
"""  # noqa: E501
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src {{ style_hash }}; script-src {{ script_hash }} {{ tabs_hash }}">
<link rel="icon" href="data:,">
<title>Players</title>
<style>{{ style }}</style>
</head>
<body>
{% from "player.html.j2" import player, tabs %}
<main>
<h1>Recordings</h1>
{% call(item) tabs(panels) %}
<h2>Recording {{ item.name }}</h2>
{{ player(item) }}
{% endcall %}
</main>
<script>{{ script }}</script>
<script>{{ tabs_script }}</script>
</body>
</html>
"""  # noqa: E501


def write_player_page(path: Path, panels: list[dict[str, Any]]) -> None:
    """Write a page with a content security policy as strict as the report's.

    `panels` as the section of the recordings gives them: `id`, `name` and `player`.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(REPORT), autoescape=True, undefined=jinja2.StrictUndefined
    )
    parts = {
        "style": COLOURS + (REPORT / "player.css").read_text(encoding="utf-8"),
        "script": (REPORT / "player.js").read_text(encoding="utf-8"),
        "tabs_script": (REPORT / "tabs.js").read_text(encoding="utf-8"),
    }
    hashes = {
        name: f"'sha256-{base64.b64encode(hashlib.sha256(parts[part].encode()).digest()).decode()}'"
        for name, part in (
            ("style_hash", "style"), ("script_hash", "script"), ("tabs_hash", "tabs_script"),
        )
    }  # fmt: skip
    safe = {name: Markup(text) for name, text in (parts | hashes).items()}
    page = environment.from_string(PAGE).render(panels=panels, **safe)
    path.write_text(page, encoding="utf-8")
