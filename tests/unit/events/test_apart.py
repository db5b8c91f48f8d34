"""The process apart: what a native library may do there ends in one sentence, and not here."""

import os
import signal
import subprocess
import sys

import pytest
from foreign_files import a_walk, by_h5py, columns
from made_recordings import assert_same

from dvs_snn.events import apart
from dvs_snn.events.recording import read_recording
from dvs_snn.files.errors import StudyError

# Readers that misbehave; the file's content names one.
READERS = """
import ctypes, os, time
from dvs_snn.files.errors import StudyError
from pathlib import Path
import numpy as np

ONE = {"t": np.array([7]), "x": np.array([1]), "y": np.array([2]), "p": np.array([True])}

def parts(path, library):
    yield ONE
    what = Path(path).read_text()
    if what == "aborts":
        os.abort()
    if what == "crashes":
        ctypes.string_at(0)
    if what == "ends":
        os._exit(0)
    if what == "hangs":
        time.sleep(60)
    if what == "fills":
        np.ones(2**28)
    if what == "raises":
        raise RuntimeError("it is\\nbroken \\x1b")
    if what == "refuses":
        raise StudyError("holds nothing of worth")
    if what == "prints":
        print("hello " * 1000, flush=True)
        os.write(1, b"hello" * 1000)
    if what == "lies":
        yield {"t": np.array(["a"])}
    if what == "many":
        for _ in range(20):
            yield {name: np.zeros(2**20, "u1") for name in ONE}
"""


@pytest.fixture
def misbehaving(tmp_path, monkeypatch):
    """A function that reads a file with one of the readers."""
    (tmp_path / "misbehaving.py").write_text(READERS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), os.pathsep)
    apart._process.cache_clear()

    def read(what):
        path = tmp_path / "a.xyz"
        path.write_text(what)
        return apart.read_apart("misbehaving", "json", path, "a file", (9, 9), "us")

    yield read
    apart._process(os.getpid()).kill()
    apart._process.cache_clear()


@pytest.mark.parametrize(
    ("what", "needle"),
    [
        ("aborts", f"the library json broke off (status {-signal.SIGABRT})"),
        ("crashes", f"the library json broke off (status {-signal.SIGSEGV})"),
        ("ends", "the library json broke off"),
        ("fills", "the library json can't read it (Unable to allocate"),
        ("raises", "the library json can't read it (it is broken ?)"),
        ("refuses", "a.xyz: holds nothing of worth"),
        ("lies", "the library json broke off"),
        ("many", "its events take"),
    ],
)
def test_misbehaviour_is_told_and_the_next_file_read(misbehaving, what, needle):
    with pytest.raises(StudyError) as caught:
        misbehaving(what)
    assert needle in str(caught.value)
    assert "\n" not in str(caught.value)
    assert misbehaving("behaves").n_events == 1


def test_a_hang_ends_after_the_limit(misbehaving, monkeypatch):
    monkeypatch.setattr(apart, "MAX_SECONDS", 1)
    with pytest.raises(StudyError, match="took more than 1 s"):
        misbehaving("hangs")
    assert misbehaving("behaves").n_events == 1


def test_an_answer_that_was_left_is_not_taken_for_the_next(misbehaving, monkeypatch):
    def interrupted(stream):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(apart, "_receive", interrupted)
        misbehaving("many")
    assert misbehaving("behaves").n_events == 1


def test_what_a_library_prints_is_no_answer(misbehaving):
    assert misbehaving("prints").n_events == 1


def test_one_process_reads_many_files_and_a_fork_has_its_own(tmp_path):
    recording = a_walk()
    path = by_h5py(tmp_path / "a.h5", columns(recording), sensor_size=recording.sensor_size)
    read_recording(path, time_unit="us")
    first = apart._process(os.getpid()).pid
    assert_same(read_recording(path, time_unit="us"), recording)
    assert apart._process(os.getpid()).pid == first
    child = os.fork()
    if not child:
        read_recording(path, time_unit="us")
        other = apart._process(os.getpid())
        other.kill()
        os._exit(0 if other.pid != first else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert_same(read_recording(path, time_unit="us"), recording)


def test_the_process_ends_with_the_one_that_started_it(tmp_path):
    path = by_h5py(tmp_path / "a.h5", columns(a_walk()))
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[2])\n"
        "from dvs_snn.events import apart\n"
        "from dvs_snn.events.recording import read_recording\n"
        "read_recording(sys.argv[1], time_unit='us')\n"
        "print(apart._process(os.getpid()).pid, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", code, str(path), str(apart.SCRIPTS)]
    pid = int(subprocess.run(command, capture_output=True, text=True).stdout)
    for _ in range(100):
        try:
            state = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":  # nobody took its status yet
            return
        signal.sigtimedwait([], 0.1)
    raise AssertionError(f"process {pid} still runs")


def test_a_module_of_the_working_folder_takes_no_place_of_another(tmp_path, monkeypatch):
    path = by_h5py(tmp_path / "a.h5", columns(a_walk()))
    for name in ("json", "numpy", "h5py"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken')")
    monkeypatch.chdir(tmp_path)
    apart._process.cache_clear()
    assert read_recording(path, time_unit="us").n_events == 500


def test_a_package_that_is_not_installed_is_told_with_the_command(put):
    path = put("a.xyz", b"something")
    with pytest.raises(StudyError) as caught:
        apart.read_apart("json", "no_such_package", path, "a file", None, "us")
    for needle in (
        "only the package no_such_package reads", "pip install -r requirements-formats.txt",
        "docs/converting.md",
    ):  # fmt: skip
        assert needle in str(caught.value)
