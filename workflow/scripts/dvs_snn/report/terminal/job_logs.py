"""What jobs say in their log files: how far they are, and why they failed."""

import re
from pathlib import Path

_STAMP = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ ")
_TAIL_BYTES = 8192


def last_line(path: Path) -> str:
    """Return the last line of a file that isn't empty; nothing if the file can't be read."""
    try:
        with open(path, "rb") as file:
            file.seek(max(file.seek(0, 2) - _TAIL_BYTES, 0))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line for line in reversed(lines) if line.strip()), "")


def progress_in(path: Path) -> str:
    """Return a log's last line without its time; nothing if it isn't a line of progress."""
    line = last_line(path)
    return _STAMP.sub("", line) if _STAMP.match(line) else ""


def reason_in(path: Path) -> str:
    """Return the sentence that ends a failed job's log; nothing if the job left none.

    `logged` of :mod:`dvs_snn.files.job` writes it as the last line; lines of progress have a time
    before them.
    """
    line = last_line(path).strip()
    return "" if _STAMP.match(line) else line
