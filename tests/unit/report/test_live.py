"""Numbers that follow the sliders: what they show before anybody moves one, and what they hold."""

import re

import pytest

from dvs_snn.report import live
from dvs_snn.report.text import listed
from dvs_snn.settings.sweep import Power

# 0.52 mW at 10 pJ: 0.1 mW of SynOps and 0.42 mW of static power, so 0.01 mW a pJ.
SETTINGS = Power(energy_per_synop_pj=10, energy_band_pj=(1, 20), static_power_mw=0.42)


def data_of(written):
    """What the elements of HTML hold for the page's script."""
    return [
        {name: float(value) for name, value in re.findall(r'data-([a-z_]+)="([-+.e\d]+)"', one)}
        for one in re.findall(r"<span[^>]*>", written)
    ]


def test_a_power_and_an_energy_hold_what_a_pj_and_static_power_add():
    written = live.power(0.52, SETTINGS)
    assert written.striptags() == "0.520"
    assert data_of(written) == [pytest.approx({"pj": 0.01, "static": 1})]
    written = live.energy(live.Spent(synops=1e6, time_ms=100), SETTINGS)
    assert written.striptags() == "52"
    assert data_of(written) == [pytest.approx({"pj": 1, "static": 100})]


def test_the_spread_of_seeds():
    assert live.spread([0.52], SETTINGS) == live.spread([0.52, 0.52], SETTINGS)
    assert live.spread([0.51999, 0.52001], SETTINGS).striptags() == "0.520"
    written = live.spread([0.5, 0.54, None], SETTINGS)
    assert written.striptags() == "0.520 (0.500 to 0.540)"
    assert live.spread([None], SETTINGS) == "–"


def test_prices_in_pj():
    written = live.priced(5, 100, SETTINGS)
    assert written.striptags() == "47"
    assert data_of(written) == [pytest.approx({"pj": 0.5, "static": 100})]


def test_both_sides_of_a_comparison_follow_their_own_prices():
    spiking = live.Spent(synops=1e6, time_ms=100)
    cnn = live.spent_by({"synops_per_reading": 2e6, "time_to_exit_ms": 50, "macs": "nonzero"})
    assert live.energy(cnn, SETTINGS).striptags() == "41"
    written = live.cheaper(spiking, cnn, SETTINGS)
    assert written.striptags() == "the CNN"
    assert data_of(written) == [pytest.approx({"pj": 1, "mac": -2, "static": 50})]
    # 10 of 20 µJ and 42 of 52.
    half = live.Spent(synops=5e5, time_ms=50)
    assert live.saved(half, spiking, SETTINGS).striptags() == "50 %"


def test_a_list_of_html_is_html_and_escapes_what_is_none():
    mw = live.power(1, SETTINGS)
    assert listed([mw, "<b>", mw]) == f"{mw}, &lt;b&gt; and {mw}"
    assert listed(["<b>"]) == "<b>"
