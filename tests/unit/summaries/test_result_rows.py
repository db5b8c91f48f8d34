"""Rows of result tables by hand: how ratios are taken, what stays empty."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dvs_snn.energy.price import flat_price
from dvs_snn.engines.response import LayerActivity, Response
from dvs_snn.evaluation.of_recording import shown_row
from dvs_snn.evaluation.of_set import layer_rows
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.reading import Sample
from dvs_snn.summaries.result_rows import evaluation_row, layers_table, named, recordings_table

PRICE = flat_price(10.0)
KEY = {"variant": "plain", "seed": 1, "scale": 1.0}


# --- Readings and their sums. ---


def _ends(*changes: dict) -> pd.DataFrame:
    """Readings to the ends of recordings that show a 3 of 0.1 s, each with its changes."""
    usual = {
        "symbol": "3/a",
        "label": 3,
        "predicted": 3,
        "correct": 1,
        "tied": False,
        "n_events": 1000,
        "recording_ms": 100.0,
        "operations": 5000,
        "operations_nonzero": 2500.0,
        "time_to_decision_ms": 20.0,
        "frames": "50 ms",
        "n_frames": 1,
    }
    table = pd.DataFrame([usual | change for change in changes])
    return table.astype({"label": "Int8", "predicted": "Int8", "correct": "Int8"})


def test_ratios_of_a_set_are_sum_over_sum():
    ends = _ends(
        {"operations": 1000},
        {"symbol": "3/b", "n_events": 9000, "operations": 90_000, "recording_ms": 300.0},
    )
    macs = {"operations_nonzero": 40}
    cnn = _ends({"operations": 100, **macs}, {"operations": 300, **macs})
    row = evaluation_row(ends, cnn, flat_price(10.0, 0.5))
    # Not the mean of 1 and 10.
    assert row["synops_per_event"] == pytest.approx(9.1)
    assert row["synops_per_3000_events"] == pytest.approx(27_300)
    assert row["synops_per_recording"] == 45_500
    assert row["cnn_macs_per_3000_events"] == pytest.approx(400 / 10_000 * 3000)
    assert row["cnn_macs_nonzero_per_3000_events"] == pytest.approx(80 / 10_000 * 3000)
    assert (row["cnn_frames"], row["n_frames"]) == ("50 ms", 2)
    # 91,000 x 10 pJ = 0.91 uJ within 0.4 s are 2.275 uW, and 0.5 mW of idling.
    assert row["power_mw"] == pytest.approx(0.502275)
    assert row["energy_uj"] == pytest.approx((0.91 + 200) / 2)
    empty = _ends({"n_events": 0, "operations": 0})
    nothing = evaluation_row(empty, empty, PRICE)
    assert math.isnan(nothing["synops_per_event"])
    assert math.isnan(nothing["cnn_macs_per_3000_events"])
    assert nothing["power_mw"] == 0
    alone = evaluation_row(ends, None, PRICE)
    assert row.keys() - alone.keys() == {
        "cnn_accuracy",
        "cnn_accuracy_low",
        "cnn_accuracy_high",
        "cnn_macs_per_3000_events",
        "cnn_macs_nonzero_per_3000_events",
        "cnn_frames",
        "n_frames",
    }


def test_the_interval_counts_symbols_and_silence_is_wrong_even_for_a_zero():
    zero = {"label": 0, "predicted": 0}
    silent = {"label": 0, "predicted": None, "correct": 0, "time_to_decision_ms": None}
    rows = (
        {**silent, "symbol": "0/a"},
        {**zero, "symbol": "0/b", "tied": True},
        {**zero, "symbol": "0/b"},
    )
    row = evaluation_row(_ends(*rows), _ends(*rows), PRICE)
    assert (row["n_recordings"], row["n_symbols"]) == (3, 2)
    assert row["accuracy"] == row["cnn_accuracy"] == pytest.approx(2 / 3)
    assert (row["accuracy_low"], row["accuracy_high"]) == wilson_interval(row["accuracy"], 2)
    assert (row["silent_fraction"], row["tied_fraction"]) == pytest.approx((1 / 3, 1 / 3))
    assert row["time_to_decision_ms"] == 20.0
    unknown = evaluation_row(_ends({"label": None, "correct": None}), None, PRICE)
    assert math.isnan(unknown["accuracy"])


def _response(n_steps=4, synops=(300, 40)) -> Response:
    layers = (
        LayerActivity("conv1", 5, 3, 72, synops[0], 0, synops[0]),
        LayerActivity("fc1", 3, 2, 10, synops[1], 30, 0),
    )
    return Response(np.zeros((n_steps, 10), np.int64), layers, np.zeros(n_steps, np.int64))


def _made(label, predicted):
    """The network gives two spikes for the digit, or none."""
    spikes = np.zeros((4, 10), dtype=np.int64)
    if predicted is not None:
        spikes[0, predicted] = 2
    steps = StepEvents(*np.zeros((3, 5), dtype=np.int64), n_steps=4, n_dropped=0)
    sample = Sample("A", "", label, "", steps, 1, 0.04, frames=[])
    response = replace(_response(), spikes=spikes, step_synops=np.array([300, 40, 0, 0]))
    of_cnn = {"cnn_predicted": None, "cnn_macs": 200, "cnn_macs_nonzero": 150, "n_frames": 2}
    return shown_row(sample, response, 10.0).assign(**of_cnn, cnn_frames="50 ms")


def test_a_shown_recording_and_its_labels_by_the_names_of_the_classes(tmp_path):
    rows = pd.concat([_made(0, 1), _made(1, None), _made(None, 0), _made(1, 1)])
    of_sets = {"set", "timing", *KEY}
    assert schema("sweeps").keys() - of_sets <= set(rows)
    assert rows["correct"].fillna(7).tolist() == [0, 0, 7, 1]
    assert rows["silent"].tolist() == [0, 1, 0, 0]
    counted = ["n_steps", "output_spikes", "synops", "synops_input", "synops_nominal"]
    assert rows.iloc[3][counted].tolist() == [4, 2, 340, 300, 30]
    marks = {**KEY, "chosen": 0, "timing": "events"}
    table = named(rows.assign(**marks), ["NA", "01"])
    price = flat_price(20.0, 1.0)
    write_table(recordings_table(table, price, 10.0), tmp_path / "t.csv", "recordings")
    read = read_table(tmp_path / "t.csv", "recordings")
    assert read["label"].tolist() == ["NA", "01", "", "01"]
    assert read["predicted"].tolist() == ["01", "", "NA", "01"]
    assert read["correct"].isna().tolist() == [False, False, True, False]
    assert read["cnn_predicted"].tolist() == [""] * 4
    # 340 SynOps on 5 events within 4 steps of 10 ms.
    last = read.iloc[-1]
    assert (last["synops_per_event"], last["synops_per_s"]) == pytest.approx((68, 8500))
    assert last["power_mw"] == pytest.approx(8500 * 20e-9 + 1.0)
    assert last["energy_uj"] == pytest.approx(0.0068 + 40)


# --- Layers. ---


def test_layers_are_summed_over_a_set_and_divided_by_its_time():
    rows = layer_rows([_response(4), _response(6, (100, 20))], 10.0)
    assert rows["synops"].tolist() == [400, 60]
    assert rows["spikes_in"].tolist() == [10, 6]
    assert rows["fanout_nominal"].tolist() == [72, 10]
    table = layers_table(rows.assign(set="test", recording="", timing="steps", **KEY))
    assert table["synops_per_s"].tolist() == pytest.approx([4000, 600])
