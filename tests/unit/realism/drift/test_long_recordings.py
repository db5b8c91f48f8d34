"""Long recordings of all sizes: which symbols they show, and that they last as long as asked."""

from pathlib import Path

import numpy as np
import pytest
from jobs import quiet

from dvs_snn.datasets.step_store import open_steps
from dvs_snn.events.placement import place, placement_of
from dvs_snn.realism.drift.recordings import SCENE, drift_takes, store_drift_recordings
from dvs_snn.settings.study import read_config
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import nominal_sensor, nominal_take

SIMULATION = read_config(Path(__file__).parents[4] / "config.yaml")["simulation"]
STEP_US = 10_000
SEED = 5


@pytest.fixture(scope="module")
def symbols() -> Symbols:
    """Two test symbols of each digit, bars, and one that trains before them."""
    images = np.zeros((30, 28, 28), dtype=np.uint8)
    for row, image in enumerate(images):
        image[5:23, 8 + row // 3 : 12 + row // 3] = 255
    names = tuple(f"{digit}/{number:04d}" for digit in range(10) for number in (1, 2, 3))
    return Symbols(images, names, ("train", "test", "test") * 10)


def _stored(folder: Path, symbols: Symbols, simulation=SIMULATION, per_digit=1, seconds=0.4):
    paths = {"steps": folder / "s.npy", "table": folder / "s.csv"}
    takes = drift_takes(symbols, per_digit)
    store_drift_recordings(takes, symbols, simulation, seconds, STEP_US, SEED, paths, quiet())
    return takes, open_steps(paths["steps"], paths["table"])


def test_test_symbols_are_shown_at_all_sizes_in_turn(symbols):
    takes = drift_takes(symbols, 2)
    assert [take.symbol for take in takes] == symbols.part("test")
    assert [take.size for take in takes[:6]] == [4, 8, 8, 16, 16, 4]
    few = drift_takes(symbols, 1)
    assert [take.symbol for take in few] == [f"{digit}/0002" for digit in range(10)]
    assert {take.size for take in few} == {4, 8, 16}


def test_a_recording_is_the_nominal_one_going_on(symbols, tmp_path):
    takes, stored = _stored(tmp_path, symbols)
    assert stored.table["recording"].tolist() == [f"{take.size}/{take.name}" for take in takes]
    assert set(stored.table["n_steps"]) == {40}
    assert set(stored.table["duration_s"]) == {0.4}
    scene = SIMULATION["scenes"][SCENE] | {"duration_s": 0.4}
    longer = SIMULATION | {"scenes": {SCENE: scene}}
    sensor = nominal_sensor(longer, SCENE, SEED)
    for take, recording in list(zip(takes, stored, strict=True))[:3]:
        placed = place(nominal_take(take, symbols, longer, sensor, SEED), placement_of(scene))
        assert placed.t[-1] > 0.39e6
        np.testing.assert_array_equal(recording.steps.step, np.minimum(placed.t // STEP_US, 39))
        np.testing.assert_array_equal(recording.steps.row, placed.row)
        assert (recording.label, recording.symbol) == (take.label, take.symbol)


def test_a_sensor_that_sends_nothing_gives_empty_steps(symbols, tmp_path):
    blind = {"threshold_on": 1e9, "threshold_off": 1e9, "leak_hz": 0.0, "shot_noise_hz": 0.0,
             "hot_share": 0.0}  # fmt: skip
    name = SIMULATION["scenes"][SCENE]["sensor"]
    sensors = {name: SIMULATION["sensors"][name] | blind}
    _, stored = _stored(tmp_path, symbols, SIMULATION | {"sensors": sensors}, seconds=0.3)
    assert set(stored.table["n_events"]) == {0}
    assert set(stored.table["n_steps"]) == {30}
