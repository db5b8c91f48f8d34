"""The last words of a finished run: its headline, and where the page lies."""

from pathlib import Path

from dvs_snn.report.origin import is_smoke


def closing_words(headline: Path, page: str) -> str:
    """Return what a finished run says, a line each: the study's headline and the page's place.

    Args:
        headline: the file `headline.txt` in the folder of the study.
        page: path of the page, or its address on object storage.
    """
    lines = [*headline.read_text(encoding="utf-8").splitlines(), f"page: {page}"]
    is_trial = is_smoke(headline.parent.name)
    return "\n".join([*lines, *(["smoke: not a result"] if is_trial else [])])
