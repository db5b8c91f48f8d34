"""Frames of simulated training recordings: made by several processes, the same, and none left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jobs import quiet
from simulated_scenes import bar_symbols

import dvs_snn
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.study import read_config
from dvs_snn.simulation.simulated_frames import accumulate_simulated

ROOT = Path(__file__).parents[3]
PACKAGE = Path(dvs_snn.__file__).parents[1]
PATHS = [str(path) for path in (PACKAGE, ROOT / "tests" / "builders", Path(__file__).parent)]


def _accumulate(folder: Path, processes: int, n_symbols: int = 2) -> None:
    """Make the frames of bars of different width, as the default config wants training's."""
    config = read_config(ROOT / "config.yaml")
    accumulate_simulated(
        bar_symbols(n_symbols), [], config["simulation"], FrameRule(**config["frames"]), 1,
        processes, folder / "frames.npy", folder / "index.csv", quiet(),
    )  # fmt: skip


def test_only_the_scene_that_asks_for_it_has_shorter_frames(tmp_path):
    _accumulate(tmp_path, 1, 6)
    index = pd.read_csv(tmp_path / "index.csv")
    # Of a recording of several frames the first is whole.
    several = index.groupby("recording").filter(lambda frames: len(frames) > 1)
    whole = several.groupby("recording").first()
    scene = whole.index.str.split("/").str[0]
    assert set(whole["n_events"][scene == "mnist-dvs"]) == {3000}
    drawn = whole["n_events"][scene == "saccades"]
    assert drawn.between(700, 3000).all()
    assert 3 <= drawn.nunique() == len(drawn)


def test_frames_do_not_depend_on_the_number_of_processes(tmp_path):
    found = []
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        folder.mkdir()
        _accumulate(folder, processes)
        found.append([(folder / name).read_bytes() for name in ("frames.npy", "index.csv")])
    assert found[0] == found[1]
    assert len(np.load(tmp_path / "1" / "frames.npy")) >= 2 * 8


def _descendants(pid: int) -> set[int]:
    """Return a process's children and theirs, as the kernel lists them."""
    children: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*"):
        children |= set(map(int, (task / "children").read_text().split()))
    return children.union(*map(_descendants, children))


def _until(condition, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.skipif(
    not list(Path("/proc/self/task").glob("*/children")),
    reason="needs Linux's list of a process's children",
)
def test_no_process_survives_its_killed_parent(tmp_path):
    program = (
        f"import sys; sys.path[:0] = {PATHS!r}\n"
        "from pathlib import Path\n"
        "from test_simulated_frames import _accumulate\n"
        "if __name__ == '__main__':\n"
        f"    _accumulate(Path({str(tmp_path)!r}), 2, 5000)\n"
    )
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, tmp_path / "program.py"], env=os.environ)
    try:
        # multiprocessing's tracker of resources is a child too.
        assert _until(lambda: len(_descendants(parent.pid)) >= 3, 60)
        children = _descendants(parent.pid)
        time.sleep(1)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert _until(lambda: not any(map(_is_alive, children)), 20)
