"""The last words of a finished run: its headline, and where the page lies."""

from pathlib import Path

from dvs_snn.report.origin import is_smoke


def closing_words(results: Path) -> str:
    """Return what a finished run says, a line each: the study's headline and the page's path.

    Args:
        results: folder of the study, with `headline.txt`.
    """
    lines = (results / "headline.txt").read_text(encoding="utf-8").splitlines()
    lines.append(f"page: {results / 'report.html'}")
    return "\n".join([*lines, *(["smoke: not a result"] if is_smoke(results.name) else [])])
