"""Disturbs the first job of some rules, once each. Python runs it at its start, by PYTHONPATH.

The folder named by `DISTURBED` holds a file per rule that is still to be disturbed; its content is
how: `hang` after some work, as a job does that needs longer than its limit, or `fail`, which lets
no large file be written.
"""

import os
import re
import resource
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

AFTER_S = 1.0
LARGEST_FILE = 4096


def hang(*_: object) -> None:
    time.sleep(3600)


def disturb(folder: Path) -> None:
    """Disturb this process if it runs the script of a rule that is to be disturbed."""
    scripts = [re.search(r"\.snakemake/scripts/.*\.(\w+)\.py$", text) for text in sys.orig_argv]
    for script in filter(None, scripts):
        path = folder / script[1]
        with suppress(FileNotFoundError):
            how = path.read_text()
            path.unlink()
            if how == "hang":
                signal.signal(signal.SIGALRM, hang)
                signal.setitimer(signal.ITIMER_REAL, AFTER_S)
            else:
                resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))


if "DISTURBED" in os.environ:
    disturb(Path(os.environ["DISTURBED"]))
