"""The profile of the calibration: ranges worked out by hand, and of simulated recordings."""

import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from jobs import quiet

from dvs_snn.files.tables import schema
from dvs_snn.probes import profile as module
from dvs_snn.probes.calibration import calibrate, profile
from dvs_snn.probes.profile import PARAMETERS, profile_table, with_factor
from dvs_snn.probes.quantities import UNITS, Quantities, calibration_table
from dvs_snn.settings.study import as_dict, read_study
from dvs_snn.simulation.symbols import Symbols

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "workflow" / "data" / "mnist-dvs-quantities.tsv"
SETTINGS = {
    "sensors": {
        "dvs128": {"threshold_on": 0.2, "mismatch": 0.03, "cutoff_hz": 150.0, "leak_hz": 0.0},
        "atis": {"threshold_on": 0.1},
    },
    "scenes": {
        "mnist-dvs": {
            "sensor": "dvs128",
            "amplitude_px": {"scale04": [4.0, 2.0], "scale08": [2.0, 3.0]},
            "flicker_depth": 0.02,
        }
    },
}
REAL_VALUES = (20.0, 0.5, 100.0, 0.95, 4.0, 4.0)


def measured(settings):
    """A sensor whose quantities follow from few parameters by simple rules.

    The rate falls as the threshold grows, the line follows the flicker, and the path the amplitude.
    """
    sensor, scene = settings["sensors"]["dvs128"], settings["scenes"]["mnist-dvs"]
    rate = 20.0 * 0.2 / sensor["threshold_on"]
    width, height = scene["amplitude_px"]["scale08"]
    line = 100.0 * scene["flicker_depth"] / 0.02
    # Symbols differ; the change of each is what counts.
    return {
        8: [
            Quantities(rate * own, 0.5, line * own, 0.95, 2 * width * own, 4 / 3 * height * own)
            for own in (0.7, 1.0, 1.4)
        ]
    }


def toy_table(of=measured, real_values=REAL_VALUES):
    real = pd.DataFrame(
        [
            {"scale": 8, "quantity": quantity, "value": value, "n": 1, "duration_s": 2.0}
            for quantity, value in zip(UNITS, real_values, strict=True)
        ]
    )
    calibration = calibration_table(real, of(SETTINGS))
    return profile_table(SETTINGS, "mnist-dvs", calibration, of, quiet()).set_index("parameter")


def test_ranges_are_those_worked_out_by_hand():
    table = toy_table()
    assert set(table.columns) == schema("profile").keys() - {"parameter"}
    # What is off, or isn't set, has no row.
    parameters = ["threshold_on", "mismatch", "cutoff_hz", "amplitude_px", "flicker_depth"]
    assert list(table.index) == parameters
    # The rate may differ by 15 %: 1 / 0.9 = 1.11 holds and 1 / 0.75 = 1.33 doesn't; 1 / 1.1 = 0.91
    # holds and 1 / 1.33 = 0.75 doesn't.
    threshold = table.loc["threshold_on"]
    assert (threshold["low"], threshold["high"], threshold["value"]) == (0.9, 1.1, 0.2)
    assert threshold["fails_below"] == threshold["fails_above"] == "event_rate_keps at 8"
    # Both axes of the path may differ by 30 %.
    amplitude = table.loc["amplitude_px"]
    assert (amplitude["low"], amplitude["high"]) == (0.75, 1.1)
    assert amplitude["fails_below"] == "centroid_range_x_px at 8; centroid_range_y_px at 8"
    assert np.isnan(amplitude["value"])
    # The line may differ by a factor 2, ends included.
    flicker = table.loc["flicker_depth"]
    assert (flicker["low"], flicker["high"]) == (0.5, 2.0)
    assert (table["n"] == 3).all()


def test_what_no_check_depends_on_is_bounded_by_nothing():
    table = toy_table()
    for name, low, high in (("mismatch", 0.0, 4.0), ("cutoff_hz", 0.5, 0.0)):
        row = table.loc[name]
        assert (row["low"], row["high"]) == (low, high)
        assert row["fails_below"] == row["fails_above"] == ""


def test_a_quantity_that_can_no_longer_be_measured_fails():
    def dark(settings):
        if settings["sensors"]["dvs128"]["mismatch"] == 0:
            return {8: [Quantities(*REAL_VALUES[:2], np.nan, *REAL_VALUES[3:])] * 3}
        return measured(settings)

    row = toy_table(dark).loc["mismatch"]
    assert row["low"] == 0.5
    assert "line_ratio at 8" in row["fails_below"].split("; ")


def test_checks_that_fail_already_bound_nothing():
    row = toy_table(real_values=(40.0, *REAL_VALUES[1:])).loc["threshold_on"]
    assert (row["low"], row["high"]) == (0.5, 4.0)
    assert row["fails_below"] == row["fails_above"] == ""
    assert toy_table(real_values=[10 * value for value in REAL_VALUES]).empty


def test_a_factor_changes_one_parameter_and_nothing_else():
    before = copy.deepcopy(SETTINGS)
    (amplitude,) = (one for one in PARAMETERS if one.key == "amplitude_px")
    changed = with_factor(SETTINGS, "mnist-dvs", amplitude, 0.5)
    assert before == SETTINGS
    halved = {"scale04": [2.0, 1.0], "scale08": [1.0, 1.5]}
    before["scenes"]["mnist-dvs"]["amplitude_px"] = halved
    assert changed == before


@pytest.fixture(scope="module")
def simulated() -> tuple[Symbols, dict, Path]:
    """A ring, the shipped settings of the scene, and the real quantities."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    simulation = as_dict(read_study(config))["simulation"]
    row, column = np.mgrid[:28, :28] - 13.5
    ring = np.abs(np.hypot(row / 1.2, column) - 6) < 1.5
    images = (255 * ring).astype(np.uint8)[None]
    return Symbols(images, ("0/0001",), ("test",)), simulation, SHIPPED


def test_simulated_recordings_tell_a_threshold_from_another(simulated, monkeypatch):
    kept = tuple(one for one in PARAMETERS if one.key in ("threshold_on", "refractory_us"))
    monkeypatch.setattr(module, "PARAMETERS", kept)
    calibration = calibrate(*simulated, 1, quiet())
    table = profile(*simulated, calibration, 1, 1, quiet()).set_index("parameter")
    assert list(table.index) == ["threshold_on", "refractory_us"]
    threshold = table.loc["threshold_on"]
    assert 0.5 <= threshold["low"] <= 1 <= threshold["high"] <= 1.33
    assert threshold["fails_below"]
    assert threshold["fails_above"]
    assert (table["n"] == 1).all()


def test_without_zeros_there_is_no_profile(simulated):
    table = profile(*simulated, calibrate(*simulated, 1, quiet()), 0, 1, quiet())
    assert table.empty
    assert list(table.columns) == list(schema("profile"))
