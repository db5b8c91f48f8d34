"""The table of changes and that of the chip's cores, by hand."""

import pandas as pd
import pytest

from dvs_snn.evaluation.ablation.outcomes import WHOLE_LAYERS
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import join_tables, write_table
from dvs_snn.results.running.ablation import ABLATION_TABLE, ablation_table
from dvs_snn.results.running.chip_fit import CHIP_FIT_TABLE, chip_fit_table
from dvs_snn.results.sensitivity import paired_interval

POINT = {"variant": "plain", "method": "rescaled", "seed": 1, "scale": 2.0}


def _outcomes(part: str, value: str, n_right: int, synops: int, n: int = 100) -> pd.DataFrame:
    return pd.DataFrame(
        {
            **POINT, "set": "test", "part": part, "value": value,
            "recording": [str(i) for i in range(n)], "symbol": [f"0/{i}" for i in range(n)],
            "label": 0, "correct": [int(i < n_right) for i in range(n)], "n_events": 3000,
            "synops": synops,
        }
    )  # fmt: skip


def test_changes_are_those_of_the_same_recordings():
    table = ablation_table(
        pd.concat(
            [
                _outcomes("base", "", 90, 1_000_000),
                _outcomes("step", "1 ms", 88, 1_100_000),
                _outcomes("step", "2 ms", 87, 1_000_000),
                _outcomes("weights", "int8", 90, 1_100_001),
            ]
        )
    )
    assert tuple(table.columns) == tuple(ABLATION_TABLE)
    assert table["accuracy"].tolist() == [0.9, 0.88, 0.87, 0.9]
    assert table["difference"].tolist() == pytest.approx([0, -0.02, -0.03, 0])
    assert table["synops_per_3000_events"].tolist() == [1e6, 1.1e6, 1e6, 1_100_001]
    assert table["synops_change"].tolist() == pytest.approx([0, 0.1, 0, 0.100001])
    # Two points and 10 % just keep the limits.
    assert table["moved"].tolist() == [0, 0, 1, 1]
    assert (table.loc[1, "accuracy_low"], table.loc[1, "accuracy_high"]) == wilson_interval(
        0.88, 100
    )
    assert (table.loc[2, "difference_low"], table.loc[2, "difference_high"]) == paired_interval(
        87, 0, 3, 10
    )
    assert table.loc[0, ["difference_low", "difference_high"]].isna().all()


def test_early_exit_pays_for_a_decision_however_long_the_recording_goes_on():
    longer = _outcomes("length", "2 times", 90, 1_000_000).assign(n_events=6000)
    base = _outcomes("base", "", 90, 1_000_000)
    for method, change, moved in (("early-exit", 0.0, 0), ("rescaled", -0.5, 1)):
        table = ablation_table(pd.concat([base, longer]).assign(method=method))
        assert table["synops_change"].tolist() == [0.0, change]
        assert table["moved"].tolist() == [0, moved]


def test_no_network_gives_an_empty_table():
    empty = _outcomes("base", "", 1, 1).iloc[:0]
    assert tuple(ablation_table(empty).columns) == tuple(ABLATION_TABLE)


def test_a_layer_is_told_with_its_core_and_its_busiest_set():
    def layers(name: str, seconds: float) -> pd.DataFrame:
        return pd.DataFrame(
            {
                **POINT, "set": name, "layer": ["conv1", "fc1"], "spikes_in": 1, "spikes_out": 1,
                "synops": [600, 300], "seconds": seconds, "largest_weight": [127, 120],
                "threshold": [60, 120], "lower_bound": -600,
            }
        )  # fmt: skip

    chip = pd.DataFrame(
        {
            "layer": ["conv1", "fc1"], "fan_in": [9, 432], "fan_out": [72, 10],
            "kernel_memory": [128, 1024], "neuron_memory": [32768, 10], "beyond": ["", "too wide"],
            "core": [3, None], "kernel_limit": [32768, None], "neuron_limit": [32768, None],
        }
    ).astype(dict.fromkeys(("core", "kernel_limit", "neuron_limit"), "Int64"))  # fmt: skip
    table = chip_fit_table(pd.concat([layers("test", 3.0), layers("saccades-test", 2.0)]), chip)
    assert tuple(table.columns) == tuple(CHIP_FIT_TABLE)
    assert table["busiest_set"].tolist() == ["saccades-test"] * 2
    assert table["synops_per_s"].tolist() == [300, 150]
    assert table["fits"].tolist() == [1, 0]
    assert table["core"].tolist() == [3, pd.NA]
    # 127 over 60: a potential just below the threshold lets one event cause three spikes.
    assert table["spikes_per_event"].tolist() == [3, 1]


def test_no_network_gives_an_empty_table_of_layers(tmp_path):
    write_table(pd.DataFrame(columns=list(WHOLE_LAYERS)), tmp_path / "a.csv", WHOLE_LAYERS)
    own = "core beyond kernel_memory kernel_limit neuron_memory neuron_limit fan_in fan_out"
    chip = pd.DataFrame({"layer": ["conv1"], **dict.fromkeys(own.split(), 1)})
    table = chip_fit_table(join_tables([tmp_path / "a.csv"], WHOLE_LAYERS), chip)
    write_table(table, tmp_path / "chip_fit.csv", CHIP_FIT_TABLE)
    assert (tmp_path / "chip_fit.csv").read_text() == ",".join(CHIP_FIT_TABLE) + "\n"
