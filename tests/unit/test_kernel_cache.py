"""One folder of compiled kernels per state of the sources, in the place that the user chose."""

import errno
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numba
import pytest

from dvs_snn.files import kernel_cache
from dvs_snn.files.kernel_cache import DAYS_KEPT, FOLDERS_KEPT, sources_digest, use_kernel_cache

PACKAGE = Path(kernel_cache.__file__).parent

CALLER = """
import sys
from dvs_snn.files.kernel_cache import use_kernel_cache
import numba
folder = use_kernel_cache()
from dvs_snn.called import called

@numba.njit(nogil=True, cache=True)
def calling(x):
    return called(x) + 1

if __name__ == "__main__":
    from dvs_snn.caller import calling as kernel
    print(kernel(1), sum(kernel.stats.cache_hits.values()), folder)
"""

CALLED = """
import numba
from dvs_snn.files.kernel_cache import use_kernel_cache
use_kernel_cache()

@numba.njit(nogil=True, cache=True)
def called(x):
    return {factor} * x
"""


@pytest.fixture
def package(tmp_path) -> Path:
    """A package with the module under test and two of kernels, one of which calls the other."""
    package = tmp_path / "source" / "dvs_snn"
    package.mkdir(parents=True)
    for name in ("__init__.py", "kernel_cache.py"):
        shutil.copy(PACKAGE / name, package)
    (package / "caller.py").write_text(CALLER)
    (package / "called.py").write_text(CALLED.format(factor=10))
    return package


def _environment(package: Path, **variables: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    return {**kept, "PYTHONPATH": str(package.parent), **variables}


def _start(package: Path, **variables: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "dvs_snn.caller"], env=_environment(package, **variables),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _answer(process: subprocess.Popen) -> tuple[int, int, Path]:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    result, hits, folder = out.split()
    return int(result), int(hits), Path(folder)


def test_an_edit_in_a_called_kernel_is_seen_and_nothing_else_is_compiled_again(package, tmp_path):
    caches = {"XDG_CACHE_HOME": str(tmp_path / "caches")}
    result, hits, first = _answer(_start(package, **caches))
    assert (result, hits) == (11, 0)
    assert first.parent == tmp_path / "caches" / "dvs_snn" / "numba"
    assert _answer(_start(package, **caches)) == (11, 1, first)
    # Only the called file changes: numba alone would go on with what the caller's file gave.
    (package / "called.py").write_text(CALLED.format(factor=20))
    result, hits, second = _answer(_start(package, **caches))
    assert (result, hits) == (21, 0)
    assert second.parent == first.parent
    assert second != first


def test_processes_that_start_together_all_get_the_right_answer(package, tmp_path):
    caches = {"XDG_CACHE_HOME": str(tmp_path)}
    processes = [_start(package, **caches) for _ in range(3)]
    answers = [_answer(process) for process in processes]
    assert {(result, folder) for result, _, folder in answers} == {(11, answers[0][2])}


def test_digest_is_of_names_and_contents(package, tmp_path):
    digest = sources_digest(package)
    copy = tmp_path / "copy"
    shutil.copytree(package, copy)
    assert sources_digest(copy) == digest
    (copy / "notes.txt").write_text("no source")
    assert sources_digest(copy) == digest
    (copy / "called.py").rename(copy / "named.py")
    assert sources_digest(copy) != digest
    shutil.move(copy / "named.py", copy / "called.py")
    assert sources_digest(copy) == digest
    with open(copy / "caller.py", "a") as file:
        file.write("# an edit\n")
    assert sources_digest(copy) != digest


def test_the_users_own_folder_of_numba_is_the_parent(package, tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    folder = kernel_cache._choose(package)
    assert folder.parent == tmp_path / "own"
    # What a process chose is inherited by those that it starts, which don't nest theirs in it.
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    assert kernel_cache._choose(package) == folder
    assert not (tmp_path / "caches").exists()


def test_the_default_is_below_the_users_caches(package, tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for relative in ("", "relative/caches"):
        monkeypatch.setenv("XDG_CACHE_HOME", relative)
        folder = kernel_cache._choose(package)
        assert folder.parent == tmp_path / ".cache" / "dvs_snn" / "numba"


def test_folders_that_cannot_be_written_to_are_passed_over(package, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(blocked))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert kernel_cache._choose(package).parent == tmp_path / "caches" / "dvs_snn" / "numba"
    result, _, folder = _answer(
        _start(package, NUMBA_CACHE_DIR=str(blocked), XDG_CACHE_HOME=str(blocked))
    )
    assert result == 11
    # Temporary, of its own, and gone with its process.
    assert folder.parent.name.startswith("kernels-")
    assert not folder.parent.exists()


def test_a_folder_whose_quota_is_used_up_is_passed_over(tmp_path, monkeypatch):
    def refuse(_):
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    # Network file systems say so when what was written is to reach the disk.
    monkeypatch.setattr(kernel_cache.os, "fsync", refuse)
    assert not kernel_cache._is_writable(tmp_path)


def test_nothing_at_all_can_be_written(package, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError

    monkeypatch.setattr(kernel_cache.tempfile, "mkdtemp", refuse)
    monkeypatch.setattr(kernel_cache, "_is_writable", lambda _: False)
    assert kernel_cache._choose(package) is None


def test_stale_folders_are_removed_but_for_the_newest_and_those_in_use(
    package, tmp_path, monkeypatch
):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    now = time.time()
    others = []
    for number in range(8):
        folder = tmp_path / f"dvs_snn-{number}"
        (folder / "kernels").mkdir(parents=True)
        # Two of this hour, the rest older than a folder may be.
        age = 60 * number if number < 2 else (DAYS_KEPT + number) * 86400
        os.utime(folder, (now - age, now - age))
        others.append(folder)
    foreign = tmp_path / "another_project"
    foreign.mkdir()
    os.utime(foreign, (0, 0))
    current = kernel_cache._choose(package)
    kept = [folder for folder in others if folder.exists()]
    assert kept == others[: FOLDERS_KEPT - 1]
    assert current.exists()
    assert foreign.exists()
    for folder in others:
        folder.mkdir(exist_ok=True)
        os.utime(folder, (now - 60, now - 60))
    kernel_cache._choose(package)
    assert all(folder.exists() for folder in others)


def test_numba_uses_the_folder():
    import dvs_snn.inference.engines.event.walk as kernels

    folder = use_kernel_cache()
    assert use_kernel_cache() == folder
    assert numba.config.CACHE_DIR == os.environ["NUMBA_CACHE_DIR"] == str(folder)
    assert folder.name.startswith("dvs_snn-")
    assert Path(kernels._walk._cache.cache_path).parent == folder
