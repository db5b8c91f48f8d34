"""NeuroBench's and spikingjelly's counts, where their environment is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from counters import unrolled

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(os.environ.get("DVS_SNN_AUDIT_PYTHON", ROOT / ".venv-audit/bin/python"))


@given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=1, max_size=4))
def test_unrolled_spikes_are_binary_and_as_many(counts):
    steps = unrolled(torch.tensor([*counts, [1, 0, 2]], dtype=torch.float32))
    assert set(steps.unique().tolist()) <= {0.0, 1.0}
    assert steps.sum(0).tolist() == torch.tensor([*counts, [1, 0, 2]]).sum(0).tolist()


@pytest.mark.skipif(not PYTHON.exists(), reason="no environment of benchmarks/audit.py")
def test_the_other_libraries_count_what_ships(tmp_path):
    subprocess.run([PYTHON, ROOT / "benchmarks/counters.py", tmp_path / "audit.csv"], check=True)
    shipped = (ROOT / "workflow/data/audit.csv").read_bytes()
    assert (tmp_path / "audit.csv").read_bytes() == shipped
