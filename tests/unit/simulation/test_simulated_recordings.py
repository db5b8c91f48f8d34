"""Stored training recordings: the same recordings as the frames show, whole."""

from pathlib import Path

import numpy as np
import pandas as pd
from jobs import quiet
from simulated_scenes import bar_symbols

from dvs_snn.recordings.placement import placements_of
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.study import read_config
from dvs_snn.simulation.simulated_frames import accumulate_simulated
from dvs_snn.simulation.simulated_recordings import store_simulated, with_recordings

ROOT = Path(__file__).parents[3]
CONFIG = read_config(ROOT / "config.yaml")


def _store(folder: Path, processes: int, **recordings: int | list | None) -> pd.DataFrame:
    folder.mkdir(exist_ok=True)
    recordings = {"mnist-dvs": None, "saccades": None, "scales": None} | {
        key.replace("_", "-"): value for key, value in recordings.items()
    }
    return store_simulated(
        bar_symbols(2), with_recordings(CONFIG["simulation"], recordings), 1, processes,
        folder / "events.npy", folder / "events.csv", quiet(),
    )  # fmt: skip


def test_recordings_and_frames_hold_the_same_events(tmp_path):
    _store(tmp_path, 1)
    # Frames of 100 ms: no event is left out, whatever their number.
    rule = FrameRule("time", 3000, 1000, 100.0)
    accumulate_simulated(
        bar_symbols(2), [], CONFIG["simulation"], rule, 1, 1,
        tmp_path / "frames.npy", tmp_path / "index.csv", quiet(),
    )  # fmt: skip
    frames, index = np.load(tmp_path / "frames.npy"), pd.read_csv(tmp_path / "index.csv")
    placements = placements_of(CONFIG["simulation"]["scenes"])
    stored = open_store(tmp_path / "events.npy", tmp_path / "events.csv", placements)
    recordings = list(stored.in_steps(10_000))
    assert [one.recording for one in recordings] == index["recording"].unique().tolist()
    assert index["n_saturated"].sum() == 0
    for one in recordings:
        shown = frames[index["recording"] == one.recording].sum(axis=0, dtype=int)
        np.testing.assert_array_equal(one.steps.pixel_counts(), shown)
        assert one.label == 1
        assert 25 <= one.steps.n_steps <= 32


def test_recordings_do_not_depend_on_the_number_of_processes(tmp_path):
    found = []
    for processes in (1, 2):
        _store(tmp_path / str(processes), processes, mnist_dvs=1, saccades=1)
        files = sorted((tmp_path / str(processes)).glob("events.*"))
        found.append([path.read_bytes() for path in files])
    assert found[0] == found[1]


def test_the_number_of_recordings_can_be_set_for_each_scene(tmp_path):
    table = _store(tmp_path, 1, mnist_dvs=1, saccades=0)
    assert table["recording"].str.split("/").str[0].tolist() == ["mnist-dvs"] * 2
    more = _store(tmp_path, 1, saccades=1)
    scenes = more["recording"].str.split("/").str[0].value_counts().to_dict()
    assert scenes == {"mnist-dvs": 8, "saccades": 2}
    # Those that are there in either case are the same.
    assert set(table["recording"]) < set(more["recording"])


def test_the_sizes_can_be_set(tmp_path):
    table = _store(tmp_path, 1, mnist_dvs=1, saccades=1, scales=[16, 4])
    names = [name.split("#")[0] for name in table["recording"]]
    assert names == [
        "mnist-dvs/1/mnist_1_scale16_0000", "mnist-dvs/1/mnist_1_scale04_0001",
        "saccades/1/0000", "saccades/1/0001",
    ]  # fmt: skip
