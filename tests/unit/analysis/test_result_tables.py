"""Result tables by hand: what is chosen, how ratios are taken, what stays empty."""

import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jobs import quiet

from dvs_snn.analysis.comparison import comparison_table, read_published
from dvs_snn.analysis.power import EnergyModel
from dvs_snn.analysis.run_times import RuntimesJob, gather_runtimes
from dvs_snn.analysis.summaries import evaluation_row, layers_table, named, recordings_table
from dvs_snn.engines.response import LayerActivity, Response
from dvs_snn.evaluation.of_recording import shown_row
from dvs_snn.evaluation.of_set import layer_rows
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.networks.description import DescribeJob, describe
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.reading import Sample

PUBLISHED = Path(__file__).parents[3] / "workflow" / "data" / "published.tsv"
ENERGY = EnergyModel(10.0)
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
    row = evaluation_row(ends, cnn, EnergyModel(10.0, static_power_mw=0.5))
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
    nothing = evaluation_row(empty, empty, ENERGY)
    assert math.isnan(nothing["synops_per_event"])
    assert math.isnan(nothing["cnn_macs_per_3000_events"])
    assert nothing["power_mw"] == 0
    alone = evaluation_row(ends, None, ENERGY)
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
    row = evaluation_row(_ends(*rows), _ends(*rows), ENERGY)
    assert (row["n_recordings"], row["n_symbols"]) == (3, 2)
    assert row["accuracy"] == row["cnn_accuracy"] == pytest.approx(2 / 3)
    assert (row["accuracy_low"], row["accuracy_high"]) == wilson_interval(row["accuracy"], 2)
    assert (row["silent_fraction"], row["tied_fraction"]) == pytest.approx((1 / 3, 1 / 3))
    assert row["time_to_decision_ms"] == 20.0
    unknown = evaluation_row(_ends({"label": None, "correct": None}), None, ENERGY)
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
    told_of_sets = {"set", "timing", *KEY}
    assert schema("sweeps").keys() - told_of_sets <= set(rows)
    assert rows["correct"].fillna(7).tolist() == [0, 0, 7, 1]
    assert rows["silent"].tolist() == [0, 1, 0, 0]
    counted = ["n_steps", "output_spikes", "synops", "synops_input", "synops_nominal"]
    assert rows.iloc[3][counted].tolist() == [4, 2, 340, 300, 30]
    marks = {**KEY, "chosen": 0, "timing": "events"}
    table = named(rows.assign(**marks), ["NA", "01"])
    energy = EnergyModel(20.0, static_power_mw=1.0)
    write_table(recordings_table(table, energy, 10.0), tmp_path / "t.csv", "recordings")
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


# --- Layers and network. ---


def test_layers_are_summed_over_a_set_and_divided_by_its_time():
    rows = layer_rows([_response(4), _response(6, (100, 20))], 10.0)
    assert rows["synops"].tolist() == [400, 60]
    assert rows["spikes_in"].tolist() == [10, 6]
    assert rows["fanout_nominal"].tolist() == [72, 10]
    table = layers_table(rows.assign(set="test", recording="", timing="steps", **KEY))
    assert table["synops_per_s"].tolist() == pytest.approx([4000, 600])


def test_the_table_of_the_tutorials_network(tmp_path):
    describe(DescribeJob("tutorial", 10, tmp_path / "network.csv"), quiet())
    table = read_table(tmp_path / "network.csv", "network")
    assert table["output_shape"].tolist() == ["8x62x62", "32x29x29", "16x12x12", "32", "10"]
    assert table["fanout_nominal"].tolist() == [72, 288, 144, 32, 10]


# --- Beside published figures. ---

NOTHING = pd.DataFrame(columns=schema("evaluation"))


def _compared(source="folder", evaluation=NOTHING, **tables) -> pd.DataFrame:
    published = read_published(PUBLISHED)
    table = comparison_table(published, evaluation, source, "tutorial", **tables)
    assert len(table) == len(published)
    return table.set_index("quantity")


def test_the_tutorials_printed_figures_are_computed_from_its_counts():
    table = _compared()
    # (791,398 x 288 + 749,759 x 144 + 234,082 x 32 + 14,567 x 10) SynOps within 5.21 s.
    synops = [227_922_624, 107_965_296, 7_490_624, 145_670]
    layers = [f"tutorial_synops_{layer}" for layer in ("conv2", "conv3", "fc1", "fc2")]
    assert table.loc[layers, "ours"].tolist() == synops
    power = sum(synops) * 100e-12 / 5.21 * 1e3
    assert table.loc["tutorial_power_printed", "ours"] == pytest.approx(power, rel=1e-12)
    computed = table["why"].str.startswith("computed")
    assert computed.sum() == 9
    assert set(table.loc[computed, "verdict"]) == {"reproduced"}
    # What is computed here and was never published has no verdict.
    (lone,) = table[table["published"].isna()].itertuples()
    assert (lone.Index, lone.verdict, lone.certainty) == ("tutorial_power_at_10_pj", "", "computed")
    assert lone.ours == pytest.approx(power / 10, rel=1e-12)
    rest = table.drop(lone.Index)
    assert set(rest["verdict"]) <= {"reproduced", "differs", "not comparable"}
    assert (rest["why"].str.len() > 0)[rest["verdict"] != "reproduced"].all()


@pytest.mark.parametrize(("spikes", "verdict"), [(800_000, "reproduced"), (100, "differs")])
def test_our_recording_a_is_compared_only_where_it_is_the_tutorials(spikes, verdict):
    at = {"recording": "A", "scale": 1.0, "timing": "steps"}
    recording = at | {"n_events": 262_000, "n_events_outside": 628, "n_steps": 521}
    layers = [at | {"layer": "conv1", "spikes_out": spikes}]
    # The tutorial's network ran in steps: what ours does by events isn't compared.
    by_events = [{**row, "timing": "events"} for row in (recording, layers[0] | {"spikes_out": 7})]
    tables = {
        "recordings": pd.DataFrame([by_events[0], recording]),
        "layers": pd.DataFrame([by_events[1], *layers]),
    }
    verdicts = _compared("tutorial", **tables)["verdict"]
    assert verdicts["tutorial_recording_A_events"] == "reproduced"
    assert verdicts["tutorial_recording_A_steps"] == "reproduced"
    assert verdicts["tutorial_spikes_conv1"] == verdict
    elsewhere = _compared("folder", **tables).loc["tutorial_spikes_conv1"]
    assert elsewhere["verdict"] == "not comparable"
    assert pd.isna(elsewhere["ours"])


def test_the_papers_points_are_shown_but_not_compared():
    columns = ["set", "seed", "scale", "chosen", "accuracy"]
    rows = [("test", 1, 1.0, 1, 0.9), ("test", 2, 1.0, 0, 0.1), ("test", 1, 0.5, 0, 0.2),
            ("test", 2, 0.5, 1, 0.8), ("mine", 1, 1.0, 1, 0.3)]  # fmt: skip
    evaluation = pd.DataFrame(rows, columns=columns).assign(synops_per_3000_events=1e6)
    table = _compared(evaluation=evaluation)
    # Every quoted accuracy is of chosen rows, whatever the scale.
    baseline = table.loc["sorbaro_baseline_accuracy"]
    assert baseline["ours"] == pytest.approx(0.85)
    assert (baseline["ours_low"], baseline["ours_high"], baseline["n"]) == (0.8, 0.9, 2)
    assert baseline["verdict"] == "not comparable"
    assert table.loc["sorbaro_baseline_synops", "ours"] == 1e6


# --- Run times. ---


def test_run_times_are_read_from_benchmarks_and_only_trainings_on_frames_have_a_rate(tmp_path):
    for job in ("train/plain~1", "train/timed~1", "split/all", "accumulate/all"):
        path = tmp_path / f"benchmarks/{job}.tsv"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(f"s\th:m:s\tmax_rss\n2.0\t0:00:02\t{'-' if 'split' in job else 50.5}\n")
    (tmp_path / "index.csv").write_text("split\ntrain\ntrain\nvalidation\n")
    rows = [(name, 1, epoch, 0.5, 0.5, 0.5) for name in ("plain", "timed") for epoch in (1, 2)]
    curves = pd.DataFrame(rows, columns=schema("training"))
    write_table(curves, tmp_path / "training.csv", "training")
    files = [tmp_path / f"{name}.csv" for name in ("index", "training")]
    folder = tmp_path / "benchmarks"
    os.utime(folder / "split/all.tsv", (0, 86400))
    gather_runtimes(RuntimesJob(folder, *files, ["plain"], tmp_path / "t.csv"))
    table = pd.read_csv(tmp_path / "t.csv")
    table.index = table["rule"] + " " + table["wildcards"]
    # Two frames in two epochs; all three frames of the index.
    rates = {"train plain 1": 2.0, "accumulate all": 1.5}
    assert table["frames_per_s"].dropna().to_dict() == rates
    assert table["max_rss_mb"].isna().to_dict() == {job: job == "split all" for job in table.index}
    # The file's date tells a job of an earlier run.
    assert table.loc["split all", "finished"] == "1970-01-02T00:00:00Z"
