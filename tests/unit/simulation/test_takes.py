"""Conditions, sets and recordings: that settings arrive, and that nothing depends on order."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jobs import quiet
from scipy import stats
from simulated_scenes import real_symbols, scene_settings, simulation_settings

from dvs_snn.recordings.folders.split_table import read_split
from dvs_snn.recordings.recording import read_recording
from dvs_snn.settings.simulation_settings import PixelModel
from dvs_snn.simulation.drawn_symbols import Symbols, write_symbols
from dvs_snn.simulation.scenes import warped
from dvs_snn.simulation.sensor import make_sensor
from dvs_snn.simulation.simulated_sets import SimulateSetJob, simulate_set
from dvs_snn.simulation.takes import (
    OF_SCENE,
    RANGES,
    Take,
    make_recording,
    nominal_conditions,
    nominal_sensor,
    nominal_take,
    set_takes,
    training_takes,
    varied_take,
    vary,
)

SIMULATION = scene_settings()
RANGES_ALL = SIMULATION.training["mnist-dvs"].ranges


@pytest.fixture(scope="module")
def symbols() -> Symbols:
    """Five real digits each of 0, 3 and 7."""
    return real_symbols((0, 3, 7), ("test", "test", "validation", "train", "train"))


# Conditions.


@pytest.mark.parametrize(
    ("scene", "size", "magnification"), [("mnist-dvs", 16, 4.2), ("paper", None, 3.4)]
)
def test_every_setting_arrives_at_its_place(scene, size, magnification):
    settings = simulation_settings()
    of_scene = settings["scenes"][scene]
    conditions = nominal_conditions(SIMULATION, scene, size)
    assert conditions.settings.sensor_size == tuple(of_scene["sensor_size"])
    assert conditions.duration_s == of_scene["duration_s"]
    assert conditions.step_us == 1000 * of_scene["step_ms"]
    for key, value in settings["sensors"][of_scene["sensor"]].items():
        assert getattr(conditions.model, key) == value, key
    assert conditions.magnification == magnification
    look = ("stroke_exponent", "blur_px", "background", "stroke", "flicker_hz", "flicker_depth")
    for key in look:
        assert getattr(conditions.settings, key) == of_scene[key], key
    # Without the setting edges stay as they are.
    assert conditions.settings.sharpness == of_scene.get("sharpness", 1.0)
    if size is not None:
        assert np.array_equal(conditions.settings.corners, of_scene["corners"])


def _quantities(nominal, drawn) -> dict[str, float]:
    """Return what was drawn, by the names of the ranges; factors as factors."""
    return {
        "threshold": drawn.model.threshold_on / nominal.model.threshold_on,
        "cutoff": drawn.model.cutoff_hz / nominal.model.cutoff_hz,
        "mismatch": drawn.model.mismatch,
        "shot_noise_hz": drawn.model.shot_noise_hz,
        "flicker_depth": drawn.settings.flicker_depth,
        "background": drawn.settings.background,
        "stroke": drawn.settings.stroke,
        "blur_px": drawn.settings.blur_px,
        "stroke_exponent": drawn.settings.stroke_exponent,
        "sharpness": drawn.settings.sharpness,
        "size": drawn.magnification / nominal.magnification,
        "amplitude": drawn.amplitude,
        "speed": drawn.speed,
        "turn_deg": drawn.turn_deg,
        "width": drawn.width,
        "slant_deg": drawn.slant_deg,
        "warp_px": drawn.warp_px,
        "shift_x_px": drawn.shift_x_px,
        "shift_y_px": drawn.shift_y_px,
    }


NOMINAL = nominal_conditions(SIMULATION, "mnist-dvs", 8)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.sets(st.sampled_from(RANGES)))
def test_what_is_drawn_is_in_its_range_and_the_rest_is_nominal(seed, names):
    ranges = {name: RANGES_ALL[name] for name in names}
    drawn = vary(NOMINAL, ranges, np.random.default_rng(seed))
    nominal = _quantities(NOMINAL, NOMINAL)
    for name, value in _quantities(NOMINAL, drawn).items():
        if name in names:
            low, high = RANGES_ALL[name]
            assert low - 1e-12 <= value <= high + 1e-12, name
            assert value != nominal[name], name
        else:
            assert value == nominal[name], name
    # ON and OFF thresholds keep their ratio; what no range names stays.
    ratio = drawn.model.threshold_off / drawn.model.threshold_on
    assert ratio == pytest.approx(0.24 / 0.2)
    varied = {name: getattr(NOMINAL.settings, name) for name in OF_SCENE}
    assert replace(drawn.settings, **varied) == NOMINAL.settings


def test_factors_and_noise_are_even_on_a_logarithmic_axis_the_rest_on_a_plain_one():
    assert set(RANGES) == set(RANGES_ALL)
    rng = np.random.default_rng(0)
    drawn = [_quantities(NOMINAL, vary(NOMINAL, RANGES_ALL, rng)) for _ in range(400)]
    logarithmic = {"threshold", "cutoff", "size", "width", "amplitude", "speed", "shot_noise_hz"}
    for name, limits in RANGES_ALL.items():
        values = np.array([quantities[name] for quantities in drawn])
        low, high = limits
        if name in logarithmic:
            values, low, high = np.log(values), np.log(low), np.log(high)
        assert stats.kstest((values - low) / (high - low), "uniform").pvalue > 1e-3, name
    table = np.array([list(quantities.values()) for quantities in drawn])
    correlation = np.corrcoef(table.T) - np.eye(table.shape[1])
    assert np.abs(correlation).max() < 4.5 / np.sqrt(400)


def test_recordings_of_a_monitor_differ_in_length(symbols):
    ranges = {"threshold": [0.5, 2.0], "duration_s": [0.1, 1.6]}
    drawn = [vary(NOMINAL, ranges, np.random.default_rng(seed)) for seed in range(400)]
    lengths = np.log2([conditions.duration_s / 0.1 for conditions in drawn])
    # Even on a logarithmic axis: a quarter between each doubling and the next.
    assert 0 <= lengths.min()
    assert lengths.max() <= 4
    assert np.abs(np.histogram(lengths, range(5))[0] / 400 - 0.25).max() < 0.07
    simulation = scene_settings(training={"mnist-dvs": {"ranges": {"duration_s": [0.5, 0.6]}}})
    recording = varied_take(Take("mnist-dvs", "0/0001", 8), symbols, simulation, 5)
    assert 0.45 < recording.duration_s <= 0.6
    # By size.
    lengths = {"duration_s": {"scale04": [0.5, 0.6], "scale08": [0.1, 0.1], "scale16": [0.2, 0.3]}}
    simulation = scene_settings(training={"mnist-dvs": {"ranges": lengths}})
    for size, limits in ((4, (0.45, 0.6)), (8, (0.05, 0.1)), (16, (0.15, 0.3))):
        recording = varied_take(Take("mnist-dvs", "0/0001", size), symbols, simulation, 5)
        assert limits[0] < recording.duration_s <= limits[1], size


def test_lengths_of_a_set_are_drawn_without_changing_what_it_shows(symbols):
    def made(take, duration_s):
        simulation = scene_settings(scenes={"mnist-dvs": {"duration_s": duration_s}})
        sensor = nominal_sensor(simulation, "mnist-dvs", 5)
        return nominal_take(take, symbols, simulation, sensor, 5)

    takes = [Take("mnist-dvs", "0/0001", 8, index) for index in range(6)]
    drawn = [made(take, [0.05, 0.2]).duration_s for take in takes]
    assert len(set(drawn)) == 6
    assert all(0.04 < seconds <= 0.2 for seconds in drawn)
    assert drawn == [made(take, [0.05, 0.2]).duration_s for take in takes]
    # A range of one length shows what that length as a number does.
    assert np.array_equal(made(takes[0], [0.1, 0.1]).events, made(takes[0], 0.1).events)


# Sets.


def test_a_set_holds_each_symbol_of_its_part_once_with_scales_in_turn(symbols):
    takes = set_takes(SIMULATION, symbols, "mnist-dvs", "test")
    assert takes == [
        Take("mnist-dvs", f"{digit}/000{number}", 8 * number)
        for digit in (0, 3, 7)
        for number in (1, 2)
    ]
    shown = set_takes(SIMULATION, symbols, "saccades", "validation")
    assert shown == [Take("saccades", f"{digit}/0003", None) for digit in (0, 3, 7)]


def test_training_takes_so_many_of_each_symbol_and_scene(symbols):
    takes = training_takes(SIMULATION.training, symbols)
    assert len(takes) == len(set(takes)) == 6 * 3 + 6 * 2
    expected = [Take("mnist-dvs", "0/0004", scale, i) for i, scale in enumerate((8, 16, 8))]
    assert takes[:3] == expected
    # Three recordings of each symbol, two sizes: the second symbol begins with the second size.
    expected = [Take("mnist-dvs", "0/0005", (8, 16)[i % 2], i) for i in (1, 2, 3)]
    assert takes[3:6] == expected
    assert takes[-2:] == [Take("saccades", "7/0005", None, index) for index in range(2)]
    assert {take.symbol for take in takes} == set(symbols.part("train"))
    assert len({take.full_name for take in takes}) == len(takes)
    # With one of each symbol all sizes keep their shares.
    plan = replace(SIMULATION.training["mnist-dvs"], recordings=1, scales=(8, 16, 8))
    takes = training_takes({"mnist-dvs": plan}, symbols)
    assert Counter(take.size for take in takes) == {8: 4, 16: 2}


# Sensors and recordings.


def _nominal(take: Take, symbols: Symbols, seed: int = 5) -> bytes:
    sensor = nominal_sensor(SIMULATION, take.scene, seed)
    return nominal_take(take, symbols, SIMULATION, sensor, seed).events.tobytes()


def test_a_scene_has_one_sensor_for_all_its_recordings():
    first, other = (nominal_sensor(SIMULATION, "mnist-dvs", seed) for seed in (5, 6))
    assert not np.array_equal(first.on, other.on)
    assert first.on.shape == (120, 128)
    # Two scenes before one sensor.
    np.testing.assert_array_equal(first.on, nominal_sensor(SIMULATION, "paper", 5).on)
    assert nominal_sensor(SIMULATION, "saccades", 5).model == SIMULATION.sensors["atis"]


def _varied(take: Take, symbols: Symbols, seed: int = 5) -> bytes:
    return varied_take(take, symbols, SIMULATION, seed).events.tobytes()


def test_recordings_do_not_depend_on_their_order(symbols):
    of_sets = [
        take
        for scene in ("mnist-dvs", "saccades", "paper")
        for take in set_takes(SIMULATION, symbols, scene, "test")[:3]
    ]
    of_training = training_takes(SIMULATION.training, symbols)[::3]
    for make, takes in ((_nominal, of_sets), (_varied, of_training)):
        made = [make(take, symbols) for take in takes]
        assert len(set(made)) == len(takes)
        assert [make(take, symbols) for take in takes[::-1]][::-1] == made
        assert make(takes[0], symbols, seed=6) != made[0]


def _spot(x: int, y: int) -> np.ndarray:
    """An image with a bright spot beside its centre."""
    rows, columns = np.mgrid[:28, :28] - 13.5
    return np.round(255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 4)).astype(np.uint8)


@pytest.mark.parametrize(
    ("turn_deg", "expected"),
    # 6 image pixels of 2.2 sensor pixels to the right; counter-clockwise as displayed.
    [(0, (13.2, 0)), (90, (0, -13.2))],
)
def test_turn_and_shift_move_what_is_seen(turn_deg, expected):
    # No noise, no flicker, and a path so small and quick that its middle is the mean of the path.
    model = PixelModel(0.15, 0.15, cutoff_hz=300.0, knee=0.04)
    corners = ((0.0, -4.0, -2.0), (0.05, 4.0, 2.0), (0.1, -4.0, -2.0))
    conditions = replace(
        NOMINAL,
        model=model,
        settings=replace(NOMINAL.settings, corners=corners, refresh_hz=0.0, flicker_depth=0.0),
        duration_s=0.3,
        turn_deg=turn_deg,
        shift_x_px=9.0,
        shift_y_px=-20.0,
    )
    rng = np.random.default_rng(0)
    sensor = make_sensor(model, conditions.settings.sensor_size, rng)
    events = make_recording(_spot(6, 0), conditions, sensor, rng).events
    assert len(events) > 200
    middle = np.array([events["x"].mean() - 63.5, events["y"].mean() - 59.5])
    np.testing.assert_allclose(middle - [9, -20], expected, atol=0.8)


def test_warp_speed_and_amplitude_change_what_is_recorded(symbols):
    image, settings = symbols.image("3/0001"), NOMINAL.settings
    sensor = nominal_sensor(SIMULATION, "mnist-dvs", 1)
    quicker = tuple((second / 2, right, down) for second, right, down in settings.corners)
    wider = tuple((second, 2 * right, 2 * down) for second, right, down in settings.corners)

    def recorded(image=image, rng=None, **changes) -> np.ndarray:
        conditions = replace(NOMINAL, phase=0.1, **changes)
        return make_recording(image, conditions, sensor, rng or np.random.default_rng(5)).events

    rng = np.random.default_rng(5)
    by_hand = recorded(warped(image, 1.2, rng), rng)
    pairs = [
        (recorded(warp_px=1.2), by_hand),
        (recorded(speed=2.0), recorded(settings=replace(settings, corners=quicker))),
        (recorded(amplitude=2.0), recorded(settings=replace(settings, corners=wider))),
    ]
    for changed, expected in pairs:
        np.testing.assert_array_equal(changed, expected)
        assert len(changed) != len(recorded())


def test_a_path_is_bent_smoothly_and_nothing_else_changes():
    nominal = nominal_conditions(SIMULATION, "saccades")
    knots = np.array(nominal.settings.knots)
    fine = np.linspace(knots[0, 0], knots[-1, 0], 11)
    nominal = replace(
        nominal, settings=replace(nominal.settings, knots=[[t, 0.0, 0.0] for t in fine])
    )
    ranges = {"bend_px": [-0.5, 0.5]}
    drawn = [vary(nominal, ranges, np.random.default_rng(seed)) for seed in range(300)]
    bent = np.array([conditions.settings.knots for conditions in drawn])
    np.testing.assert_array_equal(bent[:, :, 0], np.tile(fine, (300, 1)))
    # Six moments are drawn, each for itself; between them the shift changes evenly.
    shifts = bent[:, ::2, 1:]
    assert 0.45 < np.abs(shifts).max() <= 0.5 + 1e-12
    correlation = np.corrcoef(shifts.reshape(300, 12).T) - np.eye(12)
    assert np.abs(correlation).max() < 4.5 / np.sqrt(300)
    np.testing.assert_allclose(bent[:, 1::2, 1:], (shifts[:, :-1] + shifts[:, 1:]) / 2, atol=1e-9)
    assert replace(drawn[0], settings=nominal.settings) == nominal


def test_a_validation_set_holds_each_symbol_once_in_each_scene(symbols, tmp_path):
    scenes = ["mnist-dvs", "saccades"]
    write_symbols(symbols, tmp_path / "symbols.npz")
    job = SimulateSetJob(
        symbols=tmp_path / "symbols.npz",
        set="mine",
        scenes=scenes,
        part="validation",
        simulation=SIMULATION,
        seed=5,
        folder=tmp_path / "set",
        table=tmp_path / "set.csv",
    )
    simulate_set(job, quiet())
    table = read_split(tmp_path / "set.csv")
    expected = [(scene, symbol) for scene in scenes for symbol in symbols.part("validation")]
    assert list(zip(table["scene"], table["symbol"], strict=True)) == expected
    for row in table.itertuples():
        stored = read_recording(Path(row.file), None)
        scale = int(row.file.split("scale")[1][:2]) if "scale" in Path(row.file).name else None
        take = Take(row.scene, row.symbol, scale)
        nominal = nominal_sensor(SIMULATION, row.scene, 5)
        made = nominal_take(take, symbols, SIMULATION, nominal, 5)
        for key in ("t", "x", "y", "p"):
            np.testing.assert_array_equal(stored.events[key], made.events[key])
