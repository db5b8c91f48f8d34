"""Quantities of recordings worked out by hand, known lines and paths, and the real files."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_recordings import from_columns
from real_files import REAL, needs_real_files

from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import schema
from dvs_snn.probes.calibration import (
    REAL_COLUMNS,
    TOLERANCES,
    UNITS,
    calibration_table,
    centroid_path,
    line_ratio,
    measure,
    rate_spectrum,
    read_real_quantities,
)
from dvs_snn.recordings.recording import EventRecording, read_recording

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "workflow" / "data" / "mnist-dvs-quantities.tsv"
ZEROS = REAL / "mnist-dvs" / "0"

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
    assert line_ratio(frequency_hz, power) == 8 / 7
    # Without a floor there is no ratio.
    assert math.isnan(line_ratio(np.array([10.0, 30, 75]), np.array([1.0, 0, 0])))


def test_a_recording_too_short_for_a_spectrum_or_a_path_is_refused():
    with pytest.raises(StudyError, match=r"0\.099 s is too short.*at least 0\.1 s"):
        rate_spectrum(from_columns([0, 99_000], 1, 1))
    with pytest.raises(StudyError, match="5 events in 0.2 s has no window of 26.7 ms"):
        measure(from_columns(np.arange(5) * 50_000, 3, 3), 4)


def test_path_by_hand():
    # Two windows of 10 ms with ten events each: means (12, 20) and (15.5, 21). Nine have no mean.
    t_us = [*range(0, 19_000, 1000), 19_999, *range(20_000, 28_000, 1000), 29_999]
    x = [10, 14] * 5 + [15, 16] * 5 + [5] * 9
    path = centroid_path(from_columns(t_us, x, [20] * 10 + [21] * 10 + [5] * 9), 10)
    assert path["t_ms"].tolist() == [5, 15, 25]
    assert path["n_events"].tolist() == [10, 10, 9]
    assert path["x_px"].fillna(-1).tolist() == [12, 15.5, -1]
    assert path["y_px"].fillna(-1).tolist() == [20, 21, -1]


def test_a_known_path_is_recovered():
    random = np.random.default_rng(1)
    t_us = np.sort(random.integers(0, 2_200_000, 40_000))
    turn = 2 * np.pi * t_us / 1.2e6
    x = 64 + 5 * np.cos(turn) + random.uniform(-10, 10, len(t_us))
    y = 60 + 2.5 * np.sin(2 * turn) + random.uniform(-10, 10, len(t_us))
    noise = random.random(len(t_us)) < 0.03
    x[noise], y[noise] = random.uniform(0, 127, (2, noise.sum()))
    values = measure(from_columns(t_us, x.round(), y.round(), random.random(len(t_us)) < 0.5), 4)
    # The estimator's scatter widens both ranges by about a pixel.
    assert 10 <= values["centroid_range_x_px"] <= 11.5
    assert 5 <= values["centroid_range_y_px"] <= 6.5
    # Noise is uniform, and the box of 26.4 px is 4 % of the sensor.
    assert values["box_share"] == pytest.approx(1 - 0.03 * (1 - 26.4**2 / 128**2), abs=0.004)


def test_quantities_by_hand():
    # 200 ms: each ms two events at (60, 60), each fourth ms one more at (60, 74). At scale 4 half
    # a box is 13.2 px, and the mean lies about 14/9 px below 60: within reach of both.
    n = 201
    fourth = np.arange(0, n, 4)
    t_us = np.concatenate([np.repeat(np.arange(n), 2), fourth]) * 1000
    y = np.concatenate([np.full(2 * n, 60), np.full(len(fourth), 74)])
    on = np.concatenate([np.tile([True, False], n), np.ones(len(fourth), bool)])
    values = measure(from_columns(t_us, 60, y, on), 4)
    assert values["event_rate_keps"] == pytest.approx((2 * n + len(fourth)) / 0.2 / 1000)
    assert values["on_share"] == pytest.approx((n + len(fourth)) / (2 * n + len(fourth)))
    assert (values["box_share"], values["centroid_range_x_px"]) == (1, 0)
    # Far beyond the image (28 MNIST pixels, 15.4 px each way) they are noise.
    y[2 * n :] = 95
    values = measure(from_columns(t_us, 60, y, on), 4)
    assert values["box_share"] == pytest.approx(2 * n / (2 * n + len(fourth)))
    assert (values["centroid_range_x_px"], values["centroid_range_y_px"]) == (0, 0)
    # Where and when it was recorded changes nothing.
    elsewhere = measure(from_columns(t_us + 10**9, 42, y - 20, on), 4)
    assert elsewhere == pytest.approx(values, abs=1e-9)
    without = replace(from_columns(t_us, 60, y, on), has_polarity=False)
    assert math.isnan(measure(without, 4)["on_share"])


def _real(value, quantity="event_rate_keps", scale=4, duration_s=2.2):
    return pd.DataFrame(
        [(scale, quantity, value, 1, duration_s, "a source", "a licence")],
        columns=list(REAL_COLUMNS),
    )


def _with(quantity, *values):
    """Recordings that differ in one quantity."""
    usual = dict(zip(UNITS, (7, 0.5, 100, 0.96, 10, 5), strict=True))
    return pd.DataFrame([usual | {quantity: value} for value in values])


def test_calibration_by_hand():
    simulated = _with("event_rate_keps", 8.0, 6.0, 7.0, 20.0, 5.0)
    table = calibration_table(_real(7.5), {4: simulated})
    assert tuple(table.columns) == tuple(schema("calibration"))
    row = table.iloc[0]
    # Sorted 5, 6, 7, 8, 20: the 5th percentile is a fifth of the way from 5 to 6.
    assert (row["real"], row["n_real"], row["ours"], row["n"]) == (7.5, 1, 7.0, 5)
    assert (row["ours_low"], row["ours_high"]) == (pytest.approx(5.2), pytest.approx(17.6))
    assert (row["unit"], row["tolerance"]) == ("k events/s", "±15 %")
    assert (row["verdict"], row["why"]) == ("reproduced", "")
    # A short excerpt shows a part of the path; what isn't there is not compared.
    short = _real(5, "centroid_range_x_px", scale=8, duration_s=0.2)
    row = calibration_table(short, {8: _with("centroid_range_x_px", 5)}).iloc[0]
    assert (row["verdict"], "0.2 s shows a part" in row["why"]) == ("reproduced", True)
    for simulated in ({}, {4: _with("event_rate_keps", math.nan)}):
        row = calibration_table(_real(0.5), simulated).iloc[0]
        assert (row["verdict"], row["n"], math.isnan(row["ours"])) == ("not comparable", 0, True)


@pytest.mark.parametrize(
    ("quantity", "real", "inside", "outside", "text"),
    [
        ("event_rate_keps", 10, (8.5, 11.5), (8.49, 11.51), "±15 %"),
        ("on_share", 0.5, (0.47, 0.53), (0.469, 0.531), "±0.03"),
        ("line_ratio", 100, (50, 200), (49, 201), "factor 2"),
    ],
)
def test_verdicts_at_the_edges_of_the_tolerances(quantity, real, inside, outside, text):
    for values, verdict in ((inside, "reproduced"), (outside, "differs")):
        for value in values:
            row = calibration_table(_real(real, quantity), {4: _with(quantity, value)}).iloc[0]
            assert (row["verdict"], row["tolerance"]) == (verdict, text)
            assert bool(row["why"]) == (verdict == "differs")


def test_shipped_quantities_are_what_is_known_of_the_recordings():
    """The figures of shared/data/README.md, found there by another program."""
    table = read_real_quantities(SHIPPED)
    value = table.set_index(["quantity", "scale"])["value"]
    assert list(value.index) == [(quantity, scale) for scale in (4, 8, 16) for quantity in UNITS]
    assert set(UNITS) == set(TOLERANCES)
    for scale, rate, on_share in ((4, 7.12, 0.5), (8, 25.8, 0.54), (16, 57, 0.52)):
        assert value["event_rate_keps", scale] == pytest.approx(rate, rel=2e-3)
        assert value["on_share", scale] == pytest.approx(on_share, abs=5e-3)


@needs_real_files
def test_shipped_quantities_are_those_of_the_recordings():
    shipped = read_real_quantities(SHIPPED)
    for scale, of_scale in shipped.groupby("scale"):
        (path,) = ZEROS.glob(f"mnist_*_scale{scale:02}_*.aedat")
        recording = read_recording(path)
        measured = measure(recording, scale)
        # Values have four significant digits.
        values = dict(zip(of_scale["quantity"], of_scale["value"], strict=True))
        assert values == {key: float(f"{measured[key]:.4g}") for key in UNITS}
        assert of_scale["duration_s"].tolist() == [float(f"{recording.duration_s:.4g}")] * 6
        assert of_scale["source"].str.endswith(path.name).all()


@pytest.mark.parametrize(
    ("text", "needle"),
    [
        ("scale\tquantity\n4\ton_share\n", "has no column"),
        ("\t".join(REAL_COLUMNS) + "\n4\tcolour\t1\t1\t1\ta\tb\n", "quantity colour"),
    ],
)
def test_a_faulty_table_is_told(tmp_path, text, needle):
    path = tmp_path / "q.tsv"
    path.write_text(text)
    with pytest.raises(StudyError, match=f"q.tsv.*{needle}"):
        read_real_quantities(path)
