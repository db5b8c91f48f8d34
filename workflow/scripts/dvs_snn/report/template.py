"""Fills the templates of pages in, and hashes what a page's policy lets a browser use."""

import base64
import hashlib
import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2

from dvs_snn.report import text

Context = dict[str, Any]
"""What a template shows, by the names that it uses."""


def style_of(folder: Path, names: Iterable[str]) -> str:
    """Return the style of a page from its files."""
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


def hash_of(content: str) -> str:
    """Return the hash by which a page's policy names a style or a script."""
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"


def render(path: Path, context: Context) -> str:
    """Fill in a template; all text is escaped, unless it is marked as HTML (`Markup`).

    Functions of :mod:`dvs_snn.report.text` are its filters. `jinja2.UndefinedError` if the context
    lacks a name.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(path.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= dict(inspect.getmembers(text, inspect.isfunction))
    return environment.get_template(path.name).render(context)
