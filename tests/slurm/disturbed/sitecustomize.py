"""Makes the first job of some rules hang, once each. Python runs it at its start, by PYTHONPATH.

The folder named by `DISTURBED` holds a file per rule that is still to hang, after some work, as a
job does that needs longer than its limit.
"""

import os
import re
import signal
import sys
import time
from pathlib import Path

AFTER_S = 1.0


def hang(*_: object) -> None:
    time.sleep(3600)


if "DISTURBED" in os.environ:
    for text in sys.orig_argv:
        script = re.search(r"\.snakemake/scripts/.*\.(\w+)\.py$", text)
        mark = Path(os.environ["DISTURBED"], script[1] if script else "no script")
        if mark.exists():
            mark.unlink(missing_ok=True)
            signal.signal(signal.SIGALRM, hang)
            signal.setitimer(signal.ITIMER_REAL, AFTER_S)
