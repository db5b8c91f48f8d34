"""The profile of the calibration: ranges worked out by hand, and of simulated recordings."""

import math

import numpy as np
import pandas as pd
from jobs import quiet
from simulated_scenes import scene_settings
from simulated_tables import real_quantities

from dvs_snn.files.tables import read_table
from dvs_snn.probes.calibration import (
    QUANTITIES,
    CalibrateJob,
    calibrate,
    calibration_table,
    measured_symbols,
)
from dvs_snn.probes.kinds import profile as module
from dvs_snn.probes.kinds.profile import PARAMETERS, MeasureJob, measure, profile_rows
from dvs_snn.probes.probe import write_rows
from dvs_snn.simulation.symbols import Symbols, write_symbols

OFF = {"refractory_us": 0.0, "leak_hz": 0.0, "shot_noise_hz": 0.0}
SETTINGS = scene_settings(
    sensors={"dvs128": OFF | {"threshold_on": 0.2, "mismatch": 0.03, "cutoff_hz": 150.0}},
    scenes={
        "mnist-dvs": {
            "corners": [[0.0, -2.0, 1.0], [0.5, 2.0, 5.0], [1.0, -2.0, 1.0]],
            "scan": 0.002,
        }
    },
)
"""The path is 4 px wide and high."""

REAL_VALUES = {
    "event_rate_keps": 20.0,
    "line_ratio": 100.0,
    "spread_x_px": 4.0,
    "spread_y_px": 4.0,
}
"""What isn't named is 0.5, in real recordings and in simulated ones."""


def measured(settings):
    """A sensor whose quantities follow from few parameters by simple rules.

    The rate falls as the threshold grows, the line follows the scan, and the path its corners.
    """
    scene = settings.scenes["mnist-dvs"]
    _, width, height = np.ptp(scene.corners, axis=0)
    usual = {
        "event_rate_keps": 20.0 * 0.2 / settings.sensor_of("mnist-dvs").threshold_on,
        "line_ratio": 100.0 * scene.scan / 0.002,
        "spread_x_px": width,
        "spread_y_px": height,
    }
    table = pd.DataFrame([dict.fromkeys(QUANTITIES, 0.5) | usual] * 3)
    # Symbols differ; the change of each is what counts.
    for name in usual:
        table[name] *= np.array([0.7, 1.0, 1.4])
    return table.assign(scale=8)


def toy_table(of=measured, **changed):
    """Amounts and remarks of each parameter by measure."""
    halves = [real_quantities(8, half, **REAL_VALUES | changed) for half in ("odd", "even")]
    real = pd.concat(halves)
    rows = profile_rows(SETTINGS, calibration_table(real, of(SETTINGS)), of, quiet())
    return {(row["value"], row["measure"]): (row["amount"], row["why"]) for row in rows}


def test_ranges_are_those_worked_out_by_hand():
    table = toy_table()
    # What is off has no row.
    assert {name for name, _ in table} == {parameter.key for parameter in PARAMETERS} - OFF.keys()
    # The rate may differ by 15 %: 1 / 0.9 = 1.11 holds and 1 / 0.75 = 1.33 doesn't; 1 / 1.1 = 0.91
    # holds and 1 / 1.33 = 0.75 doesn't.
    assert table["threshold_on", "setting"][0] == 0.2
    assert table["threshold_on", "lowest_factor"] == (0.9, "event_rate_keps at 8")
    assert table["threshold_on", "highest_factor"] == (1.1, "event_rate_keps at 8")
    # Both axes of the path may differ by 20 %.
    both = "spread_x_px at 8; spread_y_px at 8"
    assert table["corners", "lowest_factor"] == (0.9, both)
    assert table["corners", "highest_factor"][0] == 1.1
    assert math.isnan(table["corners", "setting"][0])
    # The line may differ by a factor 2, ends included.
    assert table["scan", "lowest_factor"][0] == 0.5
    assert table["scan", "highest_factor"][0] == 2.0
    assert table["scan", "zeros"] == (3, "")
    # What no check depends on is bounded by nothing.
    for name, low, high in (("mismatch", 0.0, 4.0), ("cutoff_hz", 0.5, 0.0)):
        assert table[name, "lowest_factor"] == (low, "")
        assert table[name, "highest_factor"] == (high, "")


def test_a_quantity_that_can_no_longer_be_measured_fails():
    def dark(settings):
        if settings.sensor_of("mnist-dvs").mismatch == 0:
            return measured(settings).assign(line_ratio=np.nan)
        return measured(settings)

    end, why = toy_table(dark)["mismatch", "lowest_factor"]
    assert end == 0.5
    assert "line_ratio at 8" in why.split("; ")
    # A check that fails already bounds nothing.
    table = toy_table(event_rate_keps=40.0)
    assert table["threshold_on", "highest_factor"] == (4.0, "")


def test_simulated_recordings_tell_a_threshold_from_another(tmp_path, monkeypatch):
    """A ring, whose own recording is the real one: all checks hold until a parameter changes.

    Without symbols there is no profile.
    """
    row, column = np.mgrid[:28, :28] - 13.5
    ring = np.abs(np.hypot(row / 1.2, column) - 6) < 1.5
    images = (255 * ring).astype(np.uint8)[None]
    files = (tmp_path / name for name in ("s.npz", "real.tsv", "c.csv", "p.csv"))
    symbols, real, calibration, table = files
    drawn = Symbols(images, ("0/0001",), ("test",))
    write_symbols(drawn, symbols)
    settings = scene_settings()
    recorded = measured_symbols(drawn, 1, settings, real_quantities(duration_s=0.5), 1)
    quantities = real_quantities(duration_s=0.5, **recorded.median())
    quantities.to_csv(real, sep="\t", index=False)
    kept = tuple(each for each in PARAMETERS if each.key in ("threshold_on", "refractory_us"))
    monkeypatch.setattr(module, "PARAMETERS", kept)
    calibrate(CalibrateJob(symbols, real, settings, 1, calibration), quiet())
    assert (read_table(calibration, "calibration")["verdict"] == "reproduced").all()

    def profile(zeros: int) -> pd.DataFrame:
        job = MeasureJob(symbols, real, calibration, settings, zeros, study_seed=1)
        write_rows(measure(job, quiet()), table, probe="profile")
        return read_table(table, "probes")

    rows = profile(1).set_index(["value", "measure"])
    assert list(rows.index.levels[0]) == ["refractory_us", "threshold_on"]
    lowest, highest = (rows.loc[("threshold_on", f"{end}_factor")] for end in ("lowest", "highest"))
    assert 0.5 <= lowest["amount"] <= 1 <= highest["amount"] <= 1.33
    assert profile(0).empty
