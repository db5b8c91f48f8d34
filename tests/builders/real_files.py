"""Real recordings, which no clone holds: `DVS_SNN_REAL_FILES` names the folder that has them."""

import os
from pathlib import Path

import pytest

REAL = Path(
    os.environ.get("DVS_SNN_REAL_FILES", Path(__file__).parents[2].parent / "shared" / "data")
)
needs_real_files = pytest.mark.skipif(not REAL.exists(), reason=f"no real recordings in {REAL}")
