"""What training reads of simulated recordings; the processes that make it leave none behind."""

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
from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.study_settings import read_configs
from dvs_snn.simulation.drawn_symbols import write_symbols
from dvs_snn.simulation.training_recordings import (
    SimulateFramesJob,
    SimulateTrainingJob,
    simulate_frames,
    simulate_training,
)

ROOT = Path(__file__).parents[3]
PACKAGE = Path(dvs_snn.__file__).parents[1]
PATHS = [str(path) for path in (PACKAGE, ROOT / "tests" / "builders", Path(__file__).parent)]
STUDY = read_configs([ROOT / "config.yaml"])
SIMULATION = STUDY.simulation.of_scenes("mnist-dvs", "saccades", training=True)


def _accumulate(
    folder: Path, processes: int, n_symbols: int = 2, rule: FrameRule = STUDY.frames
) -> pd.DataFrame:
    """Make the frames of bars of different width beside a store; return the index of training's."""
    write_symbols(bar_symbols(n_symbols), folder / "symbols.npz")
    job = SimulateFramesJob(
        symbols=folder / "symbols.npz",
        events=folder / "events.npy",
        table=folder / "events.csv",
        simulation=SIMULATION,
        rule=rule,
        study_seed=1,
        frames=folder / "frames.npy",
        index=folder / "index.csv",
        threads=processes,
    )
    simulate_frames(job, quiet())
    index = pd.read_csv(folder / "index.csv")
    return index[index["split"] == "train"]


def test_each_scene_draws_how_many_events_its_frames_have(tmp_path):
    _store(tmp_path, 1, mnist_dvs=1, saccades=0)
    index = _accumulate(tmp_path, 1, 6)
    # Of a recording of several frames the first is whole.
    several = index.groupby("recording").filter(lambda frames: len(frames) > 1)
    whole = several.groupby("recording").first()
    scene = whole.index.str.split("/").str[0]
    for name, lowest in (("mnist-dvs", 1000), ("saccades", 700)):
        drawn = whole["n_events"][scene == name]
        assert drawn.between(lowest, 3000).all()
        assert 3 <= drawn.nunique() == len(drawn)


def test_nothing_depends_on_the_number_of_processes(tmp_path):
    files = []
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        _store(folder, processes, mnist_dvs=1, saccades=1)
        _accumulate(folder, processes)
        files.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert files[0] == files[1]
    assert len(files[0]) == 5
    assert len(np.load(tmp_path / "1" / "frames.npy")) >= 2 * 8


def _store(folder: Path, processes: int, **recordings: int) -> pd.DataFrame:
    folder.mkdir(exist_ok=True)
    changes = {key.replace("_", "-"): value for key, value in recordings.items()}
    write_symbols(bar_symbols(2), folder / "symbols.npz")
    job = SimulateTrainingJob(
        symbols=folder / "symbols.npz",
        simulation=SIMULATION,
        recordings=changes,
        study_seed=1,
        events=folder / "events.npy",
        table=folder / "events.csv",
        threads=processes,
    )
    simulate_training(job, quiet())
    return pd.read_csv(folder / "events.csv")


def test_recordings_and_frames_hold_the_same_events(tmp_path):
    _store(tmp_path, 1)
    # A frame a recording: no event is left out, whatever its length.
    index = _accumulate(tmp_path, 1, rule=FrameRule("time", 3000, 1000, 5000.0))
    frames = np.load(tmp_path / "frames.npy")[: len(index)]
    placements = {name: placement_of(scene) for name, scene in SIMULATION.scenes.items()}
    stored = open_store(tmp_path / "events.npy", tmp_path / "events.csv", placements)
    recordings = list(stored.in_steps(10_000))
    assert [each.recording for each in recordings] == index["recording"].unique().tolist()
    for each in recordings:
        shown = frames[index["recording"] == each.recording].sum(axis=0, dtype=int)
        np.testing.assert_array_equal(each.steps.dense(0, each.steps.n_steps).sum(axis=0), shown)
        assert each.label == 1


def test_the_number_of_recordings_can_be_set(tmp_path):
    more = _store(tmp_path, 1, saccades=1)
    scenes = more["recording"].str.split("/").str[0].value_counts().to_dict()
    assert scenes == {"mnist-dvs": 8, "saccades": 2}


def _children(pid: int) -> set[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text().split()}


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
        "from test_training_recordings import _accumulate\n"
        "if __name__ == '__main__':\n"
        f"    _accumulate(Path({str(tmp_path)!r}), 2, 5000)\n"
    )
    _store(tmp_path, 1, mnist_dvs=1, saccades=0)
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, tmp_path / "program.py"], env=os.environ)
    try:
        # multiprocessing's tracker of resources is a child too.
        assert _until(lambda: len(_children(parent.pid)) >= 3, 60)
        children = _children(parent.pid)
        time.sleep(1)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert _until(lambda: not any(map(_is_alive, children)), 20)
