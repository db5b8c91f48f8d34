"""Energy and power by hand."""

import pytest

from dvs_snn.evaluation.power import EnergyModel, energy_uj, power_mw


def test_a_million_synops_of_ten_picojoule_are_ten_microjoule():
    assert energy_uj(1e6, 2.0, EnergyModel(10.0)) == pytest.approx(10.0, rel=1e-12)
    # 10 uJ within 2 s are 5 uW.
    assert power_mw(1e6, 2.0, EnergyModel(10.0)) == pytest.approx(0.005, rel=1e-12)
    # Static power is inside energy and power.
    model = EnergyModel(10.0, static_power_mw=0.42)
    assert power_mw(0, 3.0, model) == pytest.approx(0.42, rel=1e-12)
    assert energy_uj(0, 3.0, model) == pytest.approx(1260.0, rel=1e-12)
    assert power_mw(1e9, 1.0, model) == pytest.approx(10.0 + 0.42, rel=1e-12)
    with pytest.raises(ValueError, match="positive"):
        power_mw(1, 0.0, model)
