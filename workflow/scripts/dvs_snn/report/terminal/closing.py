"""The last words of a finished run: its headline, and where the page lies."""

from pathlib import Path

from dvs_snn.report.origin import is_smoke


def closing_words(headline: Path, page: str) -> str:
    """Return the lines of `headline.txt` in a study's folder, and the page's path or address."""
    lines = [*headline.read_text(encoding="utf-8").splitlines(), f"page: {page}"]
    return "\n".join(lines + (["smoke: not a result"] if is_smoke(headline.parent.name) else []))
