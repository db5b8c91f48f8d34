"""The site of these pages; CONTRIBUTING.md has the command that builds it, without a network."""

import os
import re
from pathlib import Path

project = "How much power does a spiking CNN need?"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
# Links lead to headings, as they do where the pages are read as files.
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Spiking CNN power study"
html_copy_source = False
html_use_index = False
html_show_sourcelink = False
html_show_copyright = False
html_static_path = ["style"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]

LINK = r"\]\((?!\w+:|#)([^)#\s]+)"
DOCS = Path(__file__).resolve().parent
# Pages from elsewhere in the repository, and the pages that include them here.
INCLUDED = {
    "../README.md": "index.md",
    "../CONTRIBUTING.md": "contributing.md",
    "../CHANGELOG.md": "changelog.md",
    "../results/README.md": "result_files.md",
}


def as_seen_from_docs(text, folder):
    """Return a page with its relative links as they lead from docs/ to pages of the site.

    A link that shows the name of a file shows the title of its page instead.
    """

    def target(match):
        path = os.path.relpath(folder / match[1], DOCS)
        if path in INCLUDED:
            return f"]({INCLUDED[path]}"
        # What the site has no page of is a file to fetch.
        scheme = "path:" if path.startswith("..") else ""
        return f"]({scheme}{path}"

    return re.sub(r"\[[\w./]+\.md\](?=\([^):]+\.md)", "[]", re.sub(LINK, target, text))


def read(app, name, source):
    source[0] = as_seen_from_docs(source[0], DOCS)


def read_included(app, path, name, content):
    content[0] = as_seen_from_docs(content[0], (DOCS / path).resolve().parent)


def setup(app):
    app.connect("source-read", read)
    app.connect("include-read", read_included)
