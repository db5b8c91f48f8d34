"""The energy of a decision, against sums by hand."""

from pathlib import Path

import pandas as pd
import pytest
from result_tables import make_evaluation

from dvs_snn.files.tables import read_table, schema
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.power.chips import read_chips
from dvs_snn.tables.power.costs import costs_table, write_costs

CHIPS_PATH = Path(__file__).parents[4] / "workflow/data/chips.tsv"
CHIPS = read_chips(CHIPS_PATH)
POWER = Power()


def test_energies_are_those_worked_out_by_hand():
    """3.015 M SynOps per 3,000 events, 16,740 events/s, 10 pJ: 0.168237 mW; 120 ms a decision."""
    table = costs_table(make_evaluation(), POWER, CHIPS)
    assert list(table.columns) == list(schema("costs"))
    bare, floored = (
        table[(table["set"] == "test") & (table["static_mw"] == static)].iloc[0]
        for static in (0.0, 0.42)
    )
    assert bare["power_mw"] == pytest.approx(0.168237)
    assert bare["power_low"] == pytest.approx(0.01514133)
    assert bare["power_high"] == pytest.approx(0.4542399)
    assert bare["energy_per_decision_uj"] == pytest.approx(20.18844)
    # 5 M SynOps a recording.
    assert bare["energy_per_recording_uj"] == pytest.approx(50.0)
    assert bare["recording_ms"] == pytest.approx(297.2, abs=0.01)
    assert floored["power_mw"] == pytest.approx(0.588237)
    assert floored["energy_per_decision_uj"] == pytest.approx(20.18844 + 0.42 * 120)
    assert floored["energy_per_recording_uj"] == pytest.approx(50 + 0.42 * 297.1998, rel=1e-6)
    assert bare["accuracy"] == pytest.approx(0.875)
    assert bare["event_rate_hz"] == 16_740


def test_the_studys_own_static_power_stands_beside_none_and_the_floor():
    table = costs_table(make_evaluation(), Power(static_power_mw=1.5), CHIPS)
    assert table.loc[table["set"] == "test", "static_mw"].tolist() == [0.0, 0.42, 1.5]


def test_a_study_without_sets_tells_the_published_chips_alone(tmp_path):
    columns = list(schema("evaluation"))
    pd.DataFrame(columns=columns).to_csv(tmp_path / "evaluation.csv", index=False)
    outputs = {name: tmp_path / f"{name}.csv" for name in ("chips", "costs", "break_even")}
    write_costs(tmp_path / "evaluation.csv", CHIPS_PATH, POWER, outputs)
    tables = {name: read_table(path, name) for name, path in outputs.items()}
    assert set(tables["costs"]["kind"]) == {"published"}
    assert tables["break_even"].empty
    assert len(tables["chips"]) == (CHIPS["kind"] != "digits").sum()
