"""Kernels are compiled once, again after an edit of their file, and wherever none can be kept."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dvs_snn

PACKAGE = Path(dvs_snn.__file__).parent
KERNEL_FILES = sorted(
    path for path in PACKAGE.rglob("*.py") if "numba.njit" in path.read_text(encoding="utf-8")
)

# Runs a kernel of training and one of the sensor; prints what they gave, and whether each
# was compiled ("0" hits) or came out of the cache.
PROGRAM = """
import numpy as np
from dvs_snn.simulation.pixel_walk import _is_quiet
from dvs_snn.training.pooling import _narrowed
import dvs_snn.report.text

times = np.array([1.0, 2.0])
print(_is_quiet(times, times, 0.0, 0.5, 2.5), _narrowed(np.float32(1)))
print(*(sum(kernel.stats.cache_hits.values()) for kernel in (_is_quiet, _narrowed)))
print(_is_quiet.stats.cache_path)
"""


@pytest.fixture
def package(tmp_path) -> Path:
    copy = tmp_path / "source" / "dvs_snn"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def _start(package: Path, **variables: str) -> subprocess.Popen:
    kept = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**kept, "PYTHONPATH": str(package.parent), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _answer(process: subprocess.Popen) -> tuple[str, str, str]:
    """Return what the kernels gave, their hits, and the place of their cache."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    result, hits, place = out.splitlines()
    return result, hits, place


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


# The bits of 1 as a bfloat16 are 0x3F80.
RESULT = "True 16256"


def test_an_edit_of_a_kernels_file_compiles_it_again_and_no_other_edit_does(package):
    # Jobs that start together all get the right answer.
    answers = [_answer(process) for process in [_start(package) for _ in range(4)]]
    places = {(result, place) for result, _, place in answers}
    assert places == {(RESULT, str(package / "simulation/__pycache__"))}
    assert _answer(_start(package))[:2] == (RESULT, "1 1")
    # The page, a caller of the kernels, and what stands upstream of it: compiled is nothing.
    for name in ("report/text.py", "simulation/sensor.py", "recordings/recording.py"):
        with open(package / name, "a", encoding="utf-8") as file:
            file.write("\n\nANOTHER = 1\n")
    os.utime(package / "simulation/pixel_walk.py", (1, 1))
    assert _answer(_start(package))[:2] == (RESULT, "1 1")
    # A kernel of either file; the other file's kernels stay compiled.
    _edit(package / "training/pooling.py", "np.uint32(0x7FFF)", "np.uint32(0x1FFFF)")
    assert _answer(_start(package))[:2] == ("True 16257", "1 0")
    _edit(package / "simulation/pixel_walk.py", "return n_beyond == 0", "return n_beyond > 0")
    assert _answer(_start(package))[:2] == ("False 16257", "0 1")


def _block(package: Path) -> None:
    """Let nothing be written beside the kernels; for root too, who may write to any folder."""
    for name in ("simulation", "training"):
        shutil.rmtree(package / name / "__pycache__", ignore_errors=True)
        (package / name / "__pycache__").write_text("not a folder")


def test_without_any_place_each_job_compiles(package, tmp_path):
    _block(package)
    (tmp_path / "file").write_text("not a folder")
    blocked = {"XDG_CACHE_HOME": str(tmp_path / "file"), "NUMBA_CACHE_DIR": str(tmp_path / "file")}
    for _ in range(2):
        assert _answer(_start(package, **blocked))[:2] == (RESULT, "0 0")


def _used(function: ast.FunctionDef) -> set[str]:
    return {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("path", KERNEL_FILES, ids=lambda path: path.parent.name)
def test_a_kernels_file_holds_all_that_its_kernels_call_and_use(path):
    """numba looks at this one file: what a kernel takes from another may not change unseen."""
    text = path.read_text(encoding="utf-8")
    assert text.count("@numba.njit") == text.count("@cached\n@numba.njit(nogil=True")
    tree = ast.parse(text)
    imports = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    compiled = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and re.search("njit", "".join(map(ast.unparse, node.decorator_list)))
    ]
    assert compiled
    for kernel in compiled:
        kernel.decorator_list = []
        assert _used(kernel) & imports <= {"np", "numba"}, kernel.name
    # Nor may a constant be made of another file's.
    constants = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    named = {name for kernel in compiled for name in _used(kernel)}
    for constant in constants:
        targets = constant.targets if isinstance(constant, ast.Assign) else [constant.target]
        if {target.id for target in targets if isinstance(target, ast.Name)} & named:
            assert _used(constant) & imports <= {"np"}, ast.unparse(constant)
