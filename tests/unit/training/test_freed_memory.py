"""Freed memory stays in the process: arrays of the same size come back without page faults."""

import subprocess
import sys
from pathlib import Path

import pytest

import dvs_snn.training.loop

PROGRAM = """
import resource, sys
import numpy as np
from dvs_snn.training.loop import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        np.ones(40_000_000, dtype=np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

without = faults()
kept = keep_freed_memory()
np.ones(40_000_000, dtype=np.uint8)
print(kept, without, faults())
"""


def test_arrays_come_back_without_page_faults():
    folder = Path(dvs_snn.training.loop.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={"PYTHONPATH": str(folder)}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    kept, without, with_it = done.stdout.split()
    if kept == "False":
        pytest.skip("the C library has no such setting")
    assert int(with_it) < int(without) / 10
