"""Quantities of recordings worked out by hand, known lines and paths, and the real files."""

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_recordings import from_columns
from real_files import REAL, needs_real_files
from simulated_scenes import real_symbols, scene_settings
from simulated_tables import real_quantities

from dvs_snn.files.tables import read_shipped, schema
from dvs_snn.realism.calibration import (
    QUANTITIES,
    REAL_COLUMNS,
    calibration_table,
    line_ratio,
    measure,
    measured_symbols,
    rate_spectrum,
    shown_symbols,
)
from dvs_snn.realism.event_statistics import bursts_of, statistics_of
from dvs_snn.recordings.recording import EventRecording, read_recording

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "workflow" / "data" / "mnist-dvs-statistics.tsv"

SENSOR = (128, 128)


def poisson(seconds, rate_keps, modulation, frequency_hz=75.0, seed=0) -> EventRecording:
    """Poisson events about pixel (64, 64) whose rate is modulated at one frequency."""
    random = np.random.default_rng(seed)
    steps = np.arange(round(seconds * 1e5)) / 1e5
    rate = rate_keps * (1 + modulation * np.sin(2 * np.pi * frequency_hz * steps))
    t_us = np.repeat(np.arange(len(steps)) * 10, random.poisson(rate * 0.01))
    x, y = (np.clip(random.normal(64, 4, len(t_us)).round(), 0, 127) for _ in "xy")
    return from_columns(t_us, x, y, random.random(len(t_us)) < 0.5)


def test_spectrum_is_that_of_a_slow_fourier_sum():
    recording = poisson(0.1504, 30, 0.5)
    times_ms = (recording.events["t"] - recording.events["t"][0]) / 1000
    n = int(times_ms[-1])
    rate = np.array([np.sum((times_ms >= i) & (times_ms < i + 1)) for i in range(n)], float)
    hann = np.array([math.sin(math.pi * i / n) ** 2 for i in range(n)])
    signal = (rate - rate.mean()) * hann
    frequency_hz, power = rate_spectrum(recording)
    turns = np.outer(np.arange(n // 2 + 1), np.arange(n)) / n
    expected = np.abs((signal * np.exp(-2j * np.pi * turns)).sum(axis=1)) ** 2
    np.testing.assert_allclose(frequency_hz, np.arange(n // 2 + 1) * 1000 / n)
    np.testing.assert_allclose(power, expected / 1000 / (hann**2).sum(), atol=1e-12)


def test_line_ratio_by_hand():
    frequency_hz = np.array([0.0, 10, 20, 30, 69, 70, 75, 80, 81, 90])
    power = np.array([99.0, 99, 99, 1, 50, 6, 8, 7, 50, 2])
    # Above 20 Hz: 1, 50, 6, 8, 7, 50, 2, of which 7 is the median; the band's largest is 8.
    assert line_ratio(frequency_hz, power, 75.0) == 8 / 7
    frequency_hz = np.array([10.0, 30, 75, 144, 145, 150, 155, 156])
    power = np.array([99.0, 2, 90, 70, 12, 9, 16, 70])
    # Of 2, 90, 70, 12, 9, 16 and 70 the median is 16, as is the largest about 150 Hz.
    assert line_ratio(frequency_hz, power, 150.0) == 1
    # Without a floor there is no ratio.
    assert math.isnan(line_ratio(np.array([10.0, 30, 75]), np.array([1.0, 0, 0]), 75.0))


def test_quantities_by_hand():
    # 200 ms: each ms two events at (60, 60), each fourth ms one more at (60, 74).
    n = 201
    fourth = np.arange(0, n, 4)
    t_us = np.concatenate([np.repeat(np.arange(n), 2), fourth]) * 1000
    y = np.concatenate([np.full(2 * n, 60), np.full(len(fourth), 74)])
    on = np.concatenate([np.tile([True, False], n), np.ones(len(fourth), bool)])
    values = measure(from_columns(t_us, 60, y, on))
    assert values["event_rate_keps"] == pytest.approx((2 * n + len(fourth)) / 0.2 / 1000)
    assert values["on_share"] == pytest.approx((n + len(fourth)) / (2 * n + len(fourth)))
    # Where and when it was recorded changes nothing else.
    elsewhere = measure(from_columns(t_us + 10**9, 42, y - 20, on))
    moved = {"centre_x_px": values["centre_x_px"] - 18, "centre_y_px": values["centre_y_px"] - 20}
    assert elsewhere == pytest.approx(values | moved, abs=1e-9, nan_ok=True)
    without = replace(from_columns(t_us, 60, y, on), has_polarity=False)
    assert math.isnan(measure(without)["on_share"])


def test_statistics_of_any_scene_are_among_the_quantities():
    recording = poisson(0.3, 20, 0.5)
    values = measure(recording)
    assert list(values) == list(QUANTITIES)
    others = statistics_of(recording) | bursts_of(recording)
    shared = set(QUANTITIES) & set(others) - {"on_share"}
    assert len(shared) == 21
    assert {name: values[name] for name in shared} == {name: others[name] for name in shared}
    rate = recording.n_events / recording.duration_s / 1000
    assert values["window_events"] == pytest.approx(15 * rate, rel=0.02)


def _simulated(quantity, values):
    """Recordings that differ in one quantity."""
    rows = [dict.fromkeys(QUANTITIES, 0.5) | {quantity: value} for value in values]
    return pd.DataFrame(rows).assign(scale=4)


def _row(table, quantity, half="odd"):
    """The row of a quantity; the table has one size."""
    (row,) = table[(table["quantity"] == quantity) & (table["half"] == half)].to_dict("records")
    return row


def test_calibration_by_hand():
    rates = [8.0, 6.0, 7.0, 20.0, 5.0]
    odd = pd.concat([real_quantities(event_rate_keps=rate) for rate in (7.0, 7.5, 9.0)])
    even = real_quantities(half="even", event_rate_keps=5.0)
    table = calibration_table(pd.concat([odd, even]), _simulated("event_rate_keps", rates))
    assert tuple(table.columns) == tuple(schema("calibration"))
    # Each half of the real files is compared with all simulated recordings.
    assert table["half"].tolist() == ["odd"] * len(QUANTITIES) + ["even"] * len(QUANTITIES)
    assert table["quantity"].tolist() == [*QUANTITIES, *QUANTITIES]
    row = _row(table, "event_rate_keps")
    assert (row["scale"], row["unit"], row["tolerance"]) == (4, "k events/s", "±15 %")
    # Of 7, 7.5 and 9 the 5th percentile is a tenth of the way from 7 to 7.5.
    assert (row["real"], row["n_real"]) == (7.5, 3)
    assert (row["real_low"], row["real_high"]) == pytest.approx((7.05, 8.85))
    # Of 5, 6, 7, 8 and 20 it is a fifth of the way from 5 to 6.
    assert (row["ours"], row["n"]) == (7.0, 5)
    assert (row["ours_low"], row["ours_high"]) == pytest.approx((5.2, 17.6))
    assert (row["verdict"], row["why"]) == ("reproduced", "")
    # Of 15 pairs the simulated rate is higher in 5 and equal in 1.
    assert row["auc"] == pytest.approx(1 - 5.5 / 15)
    row = _row(table, "event_rate_keps", "even")
    assert (row["real"], row["real_low"], row["real_high"], row["n_real"]) == (5, 5, 5, 1)
    assert (row["verdict"], row["why"]) == ("differs", "ours is 1.40 times the real value")
    # One real recording says nothing of the chance to tell it from others.
    assert math.isnan(row["auc"])


def test_what_was_not_measured_is_not_compared():
    unknown = _simulated("event_rate_keps", [math.nan, math.nan])
    for simulated in (unknown.assign(scale=8), unknown):
        row = _row(calibration_table(real_quantities(), simulated), "event_rate_keps")
        assert (row["verdict"], row["n"], row["n_real"]) == ("not comparable", 0, 1)
        assert math.isnan(row["ours"])
        assert math.isnan(row["auc"])
    real = real_quantities(event_rate_keps=math.nan, n=3)
    row = _row(calibration_table(real, _simulated("on_share", [0.5])), "event_rate_keps")
    assert (row["verdict"], row["n"], row["n_real"]) == ("not comparable", 1, 0)


@pytest.mark.parametrize("seed", range(5))
def test_the_area_under_the_curve_counts_pairs(seed):
    """Whole numbers, of which many are equal; an equal pair counts half."""
    random = np.random.default_rng(seed)
    real = random.integers(0, 8, 9).astype(float)
    ours = random.integers(2, 10, 14).astype(float)
    table = calibration_table(
        pd.concat([real_quantities(n_pixels=value) for value in real]),
        _simulated("n_pixels", ours),
    )
    above = 0.0
    for one, other in itertools.product(ours, real):
        above += 1.0 if one > other else 0.5 if one == other else 0.0
    share = above / (len(ours) * len(real))
    assert _row(table, "n_pixels")["auc"] == pytest.approx(max(share, 1 - share))


@pytest.mark.parametrize(
    ("quantity", "real", "inside", "outside", "text"),
    [
        ("event_rate_keps", 10, (8.5, 11.5), (8.49, 11.51), "±15 %"),
        ("burst_share", 0.5, (0.4, 0.6), (0.399, 0.601), "±20 %"),
        ("on_share", 0.5, (0.47, 0.53), (0.469, 0.531), "±0.03"),
        ("centre_x_px", 64, (62.5, 65.5), (62.49, 65.51), "±1.5"),
        ("line_ratio", 100, (50, 200), (49, 201), "factor 2"),
    ],
)
def test_verdicts_at_the_edges_of_the_tolerances(quantity, real, inside, outside, text):
    for values, verdict in ((inside, "reproduced"), (outside, "differs")):
        for value in values:
            table = calibration_table(
                real_quantities(**{quantity: real}), _simulated(quantity, [value])
            )
            row = _row(table, quantity)
            assert (row["verdict"], row["tolerance"]) == (verdict, text)
            assert bool(row["why"]) == (verdict == "differs")


# What is simulated.


def test_as_many_symbols_of_each_digit_are_shown_as_real_ones_are_known_of():
    symbols = real_symbols((0, 3, 7), ("test", "train", "test", "test"))
    assert shown_symbols(symbols, [0, 7], 4) == ["0/0001", "0/0003", "7/0001", "7/0003"]
    # At least one of each, and no more than there are.
    assert shown_symbols(symbols, [0, 3, 7], 2) == ["0/0001", "3/0001", "7/0001"]
    assert shown_symbols(symbols, [3], 9) == ["3/0001", "3/0003", "3/0004"]


def test_simulated_recordings_are_as_long_as_the_real_ones_and_on_the_same_leg():
    """One leg goes to the right, the other back; the centre of a recording tells its leg."""
    corners = [[0.0, -8.0, 0.0], [0.4, 8.0, 0.0], [0.8, -8.0, 0.0]]
    settings = scene_settings(scenes={"mnist-dvs": {"corners": corners}})
    symbols = real_symbols((0, 3), ("test", "test"))
    real = pd.concat(
        [
            real_quantities(8, duration_s=0.15),
            real_quantities(8, "even", duration_s=0.15, label=3),
            real_quantities(4, duration_s=0.2, begin_s=0.3, label=3),
        ]
    )
    measured = pd.DataFrame(measured_symbols(symbols, 4, settings, real, 1))
    assert list(measured) == ["scale", *QUANTITIES]
    # Four of one digit are not there; of two digits there are two each.
    assert measured["scale"].tolist() == [4] * 2 + [8] * 4
    # From 0.3 to 0.5 s the digit goes to the right end and back.
    centre = measured.groupby("scale")["centre_x_px"].median()
    assert centre[8] == pytest.approx(63.5 - 5, abs=2.5)
    assert centre[4] == pytest.approx(63.5 + 6, abs=2.5)
    again = pd.DataFrame(measured_symbols(symbols, 4, settings, real, 1))
    pd.testing.assert_frame_equal(again, measured)


# The real recordings.


def test_shipped_quantities_are_what_is_known_of_the_recordings():
    """The figures of shared/data/README.md, found there by another program."""
    table = read_shipped(SHIPPED, (*REAL_COLUMNS, *QUANTITIES)).set_index("recording")
    assert table["scale"].value_counts().to_dict() == {4: 30, 16: 20, 8: 1}
    assert table.notna().all().all()
    excerpt = table.loc["mnist_0_scale08_0001_qt1"]
    assert excerpt["event_rate_keps"] == pytest.approx(25.8, rel=2e-3)
    assert excerpt["on_share"] == pytest.approx(0.54, abs=5e-3)


def test_the_odd_half_is_that_of_the_files_numbers():
    table = read_shipped(SHIPPED, (*REAL_COLUMNS, *QUANTITIES))
    for row in table.itertuples():
        number = int(row.recording.removesuffix("_qt1")[-1])
        is_odd = number % 2 == 1 and row.scale != 8
        assert row.half == ("odd" if is_odd else "even"), row.recording
        assert row.label == int(row.recording.split("_")[1])
        assert row.scale == int(row.recording.split("scale")[1][:2])


@needs_real_files
def test_shipped_quantities_are_those_of_the_recordings():
    folders = [REAL / "mnist-dvs", REAL / "mnist-dvs-fit"]
    files = {
        file.stem: file
        for folder in folders
        for file in folder.rglob("mnist_*")
        if file.suffix in (".aedat", ".npz")
    }
    shipped = read_shipped(SHIPPED, (*REAL_COLUMNS, *QUANTITIES))
    for row in shipped[::3].to_dict("records"):
        recording = read_recording(files[row["recording"]])
        measured = measure(recording)
        # Values have four significant digits.
        expected = {name: float(f"{value:.4g}") for name, value in measured.items()}
        assert {name: row[name] for name in QUANTITIES} == expected, row["recording"]
        assert row["duration_s"] == float(f"{recording.duration_s:.4g}")
