"""The profile of the calibration: ranges worked out by hand, and of simulated recordings."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from jobs import quiet
from simulated_scenes import scene_settings

from dvs_snn.files.tables import read_table
from dvs_snn.probes.calibration import UNITS, calibrate, calibration_table
from dvs_snn.probes.kinds import profile as module
from dvs_snn.probes.kinds.profile import PARAMETERS, measure, profile_rows
from dvs_snn.probes.probe import write_rows
from dvs_snn.settings.simulation import at_size
from dvs_snn.settings.study import read_study
from dvs_snn.simulation.symbols import Symbols, write_symbols

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "workflow" / "data" / "mnist-dvs-quantities.tsv"
OFF = {"refractory_us": 0.0, "leak_hz": 0.0, "shot_noise_hz": 0.0}
SETTINGS = scene_settings(
    sensors={"dvs128": OFF | {"threshold_on": 0.2, "mismatch": 0.03, "cutoff_hz": 150.0}},
    scenes={
        "mnist-dvs": {
            "amplitude_px": {"scale04": [4.0, 2.0], "scale08": [2.0, 3.0], "scale16": [1.0, 1.0]},
            "flicker_depth": 0.02,
        }
    },
)
REAL_VALUES = (20.0, 0.5, 100.0, 0.95, 4.0, 4.0)


def measured(settings):
    """A sensor whose quantities follow from few parameters by simple rules.

    The rate falls as the threshold grows, the line follows the flicker, and the path the amplitude.
    """
    scene = settings.scenes["mnist-dvs"]
    rate = 20.0 * 0.2 / settings.sensor_of("mnist-dvs").threshold_on
    width, height = at_size(scene.amplitude_px, 8)
    line = 100.0 * scene.flicker_depth / 0.02
    # Symbols differ; the change of each is what counts.
    rows = [
        (rate * part, 0.5, line * part, 0.95, 2 * width * part, 4 / 3 * height * part)
        for part in (0.7, 1.0, 1.4)
    ]
    return {8: pd.DataFrame(rows, columns=list(UNITS))}


def toy_table(of=measured, real_values=REAL_VALUES):
    """Amounts and remarks of each parameter by measure."""
    real = pd.DataFrame(
        [
            {"scale": 8, "quantity": quantity, "value": value, "n": 1, "duration_s": 2.0}
            for quantity, value in zip(UNITS, real_values, strict=True)
        ]
    )
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
    # Both axes of the path may differ by 30 %.
    both = "centroid_range_x_px at 8; centroid_range_y_px at 8"
    assert table["amplitude_px", "lowest_factor"] == (0.75, both)
    assert table["amplitude_px", "highest_factor"][0] == 1.1
    assert math.isnan(table["amplitude_px", "setting"][0])
    # The line may differ by a factor 2, ends included.
    assert table["flicker_depth", "lowest_factor"][0] == 0.5
    assert table["flicker_depth", "highest_factor"][0] == 2.0
    assert table["flicker_depth", "zeros"] == (3, "")
    # What no check depends on is bounded by nothing.
    for name, low, high in (("mismatch", 0.0, 4.0), ("cutoff_hz", 0.5, 0.0)):
        assert table[name, "lowest_factor"] == (low, "")
        assert table[name, "highest_factor"] == (high, "")


def test_a_quantity_that_can_no_longer_be_measured_fails():
    def dark(settings):
        if settings.sensor_of("mnist-dvs").mismatch == 0:
            return {
                8: pd.DataFrame([REAL_VALUES] * 3, columns=list(UNITS)).assign(line_ratio=np.nan)
            }
        return measured(settings)

    end, why = toy_table(dark)["mismatch", "lowest_factor"]
    assert end == 0.5
    assert "line_ratio at 8" in why.split("; ")
    # A check that fails already bounds nothing.
    table = toy_table(real_values=(40.0, *REAL_VALUES[1:]))
    assert table["threshold_on", "highest_factor"] == (4.0, "")


def test_simulated_recordings_tell_a_threshold_from_another(tmp_path, monkeypatch):
    """A ring before the shipped sensor; without zeros there is no profile."""
    row, column = np.mgrid[:28, :28] - 13.5
    ring = np.abs(np.hypot(row / 1.2, column) - 6) < 1.5
    images = (255 * ring).astype(np.uint8)[None]
    symbols, calibration, table = (tmp_path / name for name in ("s.npz", "c.csv", "p.csv"))
    write_symbols(Symbols(images, ("0/0001",), ("test",)), symbols)
    study = read_study(yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8")))
    settings = study.simulation.of_scenes("mnist-dvs")
    kept = tuple(each for each in PARAMETERS if each.key in ("threshold_on", "refractory_us"))
    monkeypatch.setattr(module, "PARAMETERS", kept)
    calibrate(symbols, SHIPPED, settings, 1, calibration, quiet())

    def profile(zeros: int) -> pd.DataFrame:
        files = symbols, SHIPPED, calibration
        write_rows(measure(*files, settings, zeros, 1, quiet()), table, probe="profile")
        return read_table(table, "probes")

    rows = profile(1).set_index(["value", "measure"])
    assert list(rows.index.levels[0]) == ["refractory_us", "threshold_on"]
    lowest, highest = (rows.loc[("threshold_on", f"{end}_factor")] for end in ("lowest", "highest"))
    assert 0.5 <= lowest["amount"] <= 1 <= highest["amount"] <= 1.33
    assert profile(0).empty
