"""The benchmark of the study against its peers; `benchmarks/run.py` is its command."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_scripts = str(ROOT / "workflow" / "scripts")
if _scripts not in sys.path:
    sys.path.insert(0, _scripts)
