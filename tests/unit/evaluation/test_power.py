"""Energy and power by hand, and the tutorial's printed figure."""

from pathlib import Path

import numpy as np
import pytest

from dvs_snn.evaluation.power import EnergyModel, energy_uj, power_mw
from dvs_snn.tables.comparison import read_published, tutorial_recomputed

PUBLISHED = Path(__file__).parents[3] / "workflow" / "data" / "published.tsv"


def test_a_million_synops_of_ten_picojoule_are_ten_microjoule():
    assert energy_uj(1e6, 2.0, EnergyModel(10.0)) == pytest.approx(10.0, rel=1e-12)
    # 10 uJ within 2 s are 5 uW.
    assert power_mw(1e6, 2.0, EnergyModel(10.0)) == pytest.approx(0.005, rel=1e-12)
    # Static power is inside energy and power.
    model = EnergyModel(10.0, static_power_mw=0.42)
    assert power_mw(0, 3.0, model) == pytest.approx(0.42, rel=1e-12)
    assert energy_uj(0, 3.0, model) == pytest.approx(1260.0, rel=1e-12)
    assert power_mw(1e9, 1.0, model) == pytest.approx(10.0 + 0.42, rel=1e-12)


def test_the_tutorials_printed_figures_are_computed_from_its_counts():
    published = read_published(PUBLISHED).set_index("quantity")
    recomputed = tutorial_recomputed(published.reset_index())
    # (791,398 x 288 + 749,759 x 144 + 234,082 x 32 + 14,567 x 10) SynOps within 5.21 s.
    total = 227_922_624 + 107_965_296 + 7_490_624 + 145_670
    layers = [f"tutorial_synops_{layer}" for layer in ("conv2", "conv3", "fc1", "fc2")]
    assert sum(recomputed[layer].values[0] for layer in layers) == total
    power = recomputed["tutorial_power_printed"].values[0]
    assert power == pytest.approx(total * 100e-12 / 5.21 * 1e3)
    assert recomputed["tutorial_power_at_10_pj"].values[0] == pytest.approx(power / 10, rel=1e-12)
    # The power at 10 pJ is computed here alone; the tutorial doesn't print it.
    assert np.isnan(published.loc["tutorial_power_at_10_pj", "value"])
    for quantity in recomputed.keys() - {"tutorial_power_at_10_pj"}:
        row = published.loc[quantity]
        assert recomputed[quantity].values == pytest.approx([row["value"]], rel=row["tolerance"])
    assert len(recomputed) == 10
