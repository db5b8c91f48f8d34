"""Result tables by hand: what is chosen, how ratios are taken, what stays empty."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jobs import quiet

from dvs_snn.engines.response import LayerActivity, Response
from dvs_snn.evaluation.of_set import AnnReading, layer_rows, outcome
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.networks.description import describe
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.event_store import BinnedRecording
from dvs_snn.tables.comparison import comparison_table, read_published
from dvs_snn.tables.gathering import gather_runtimes
from dvs_snn.tables.summaries import (
    evaluation_row,
    layers_table,
    named,
    recordings_table,
)

PUBLISHED = Path(__file__).parents[3] / "workflow" / "data" / "published.tsv"
ENERGY = EnergyModel(10.0)


# --- Outcomes and their sums. ---


def _outcome(label=3, predicted=3, symbol="3/a", **changes) -> dict:
    row = dict.fromkeys(schema("outcomes"))
    row |= {
        "recording": symbol, "symbol": symbol, "label": label, "predicted": predicted,
        "correct": None if label is None else int(label == predicted),
        "silent": int(predicted is None), "tied": 0, "n_events": 1000, "n_events_outside": 5,
        "duration_s": 0.1, "n_steps": 10, "output_spikes": 4, "synops": 5000,
        "synops_input": 2000, "synops_nominal": 4000, "time_to_decision_ms": 20.0,
        "ann_predicted": 3, "ann_frames": 1, "ann_macs": 100, "sha256": "",
    }  # fmt: skip
    return row | changes


MARKED = {"variant": "plain", "seed": 1, "scale": 1.0, "chosen": 0}
MARKED |= {"beyond_training": ""}


def test_ratios_of_a_set_are_sum_over_sum():
    outcomes = pd.DataFrame(
        [
            _outcome(n_events=1000, synops=1000, n_steps=10, ann_macs=100),
            _outcome(n_events=9000, synops=90_000, n_steps=30, ann_macs=300, symbol="3/b"),
        ]
    )
    row = evaluation_row(outcomes, EnergyModel(10.0, static_power_mw=0.5), 10.0)
    nothing = evaluation_row(pd.DataFrame([_outcome(n_events=0, synops=0)]), ENERGY, 10.0)
    assert math.isnan(nothing["synops_per_event"])
    assert math.isnan(nothing["ann_macs_per_3000_events"])
    assert nothing["power_mw"] == 0
    # Not the mean of 1 and 10.
    assert row["synops_per_event"] == pytest.approx(9.1)
    assert row["synops_per_3000_events"] == pytest.approx(27_300)
    assert row["synops_per_recording"] == 45_500
    assert row["ann_macs_per_3000_events"] == pytest.approx(400 / 10_000 * 3000)
    # 91,000 x 10 pJ = 0.91 uJ within 0.4 s are 2.275 uW, and 0.5 mW of idling.
    assert row["power_mw"] == pytest.approx(0.502275)
    assert row["energy_uj"] == pytest.approx((0.91 + 200) / 2)


def test_the_interval_counts_symbols_and_not_recordings():
    outcomes = pd.DataFrame(
        [_outcome(symbol="3/a"), _outcome(symbol="3/a"), _outcome(symbol="3/b", predicted=4)] * 2
    )
    row = evaluation_row(outcomes, ENERGY, 10.0)
    assert (row["n_recordings"], row["n_symbols"]) == (6, 2)
    assert row["accuracy"] == pytest.approx(2 / 3)
    assert (row["accuracy_low"], row["accuracy_high"]) == wilson_interval(row["accuracy"], 2)
    assert row["ann_accuracy"] == 1.0


def test_silence_is_wrong_even_for_a_zero(tmp_path):
    rows = [_outcome(label=0, predicted=None, time_to_decision_ms=None, ann_predicted=None),
            _outcome(label=0, predicted=0, tied=1, symbol="0/b", ann_predicted=0)]  # fmt: skip
    write_table(pd.DataFrame(rows), tmp_path / "t.csv", "outcomes")
    row = evaluation_row(read_table(tmp_path / "t.csv", "outcomes"), ENERGY, 10.0)
    assert (row["accuracy"], row["silent_fraction"], row["tied_fraction"]) == (0.5, 0.5, 0.5)
    assert row["ann_accuracy"] == 0.5
    assert row["time_to_decision_ms"] == 20.0


def _response(n_steps=4, synops=(300, 40)) -> Response:
    layers = (
        LayerActivity("conv1", 5, 3, 72, synops[0], 0),
        LayerActivity("fc1", 3, 2, 10, synops[1], 30),
    )
    spikes = np.zeros((n_steps, 10), dtype=np.int64)
    spikes[0, 2] = 2
    return Response(spikes, layers, np.array([sum(synops), *[0] * (n_steps - 1)]))


def _made(label, predicted):
    """The network gives two spikes for the digit, or none."""
    spikes = np.zeros((4, 10), dtype=np.int64)
    if predicted is not None:
        spikes[0, predicted] = 2
    steps = StepEvents(*np.zeros((3, 5), dtype=np.int64), n_steps=4, n_dropped=0)
    recording = BinnedRecording("A", "", label, "", steps, 1, 0.04)
    response = replace(_response(), spikes=spikes)
    return outcome(recording, response, AnnReading(None, 2), 100, 10.0)


def test_one_outcome():
    row = _made(2, 2)
    assert row.keys() == schema("outcomes").keys() - {"set", "variant", "seed", "scale"}
    assert (row["correct"], row["n_steps"], row["output_spikes"]) == (1, 4, 2)
    assert (row["synops"], row["synops_input"], row["synops_nominal"]) == (340, 300, 30)
    assert row["ann_macs"] == 200


def test_tables_tell_labels_by_the_names_of_the_classes_and_nothing_of_unknown_ones(tmp_path):
    rows = [_made(0, 1), _made(1, None), _made(None, 0)]
    assert [row["correct"] for row in rows] == [0, 0, None]
    table = named(pd.DataFrame([row | MARKED for row in rows]), ["NA", "01"])
    write_table(recordings_table(table, ENERGY, 10.0), tmp_path / "t.csv", "recordings")
    read = read_table(tmp_path / "t.csv", "recordings")
    assert read["label"].tolist() == ["NA", "01", ""]
    assert read["predicted"].tolist() == ["01", "", "NA"]
    assert read["correct"].isna().tolist() == [False, False, True]
    assert read["ann_predicted"].tolist() == ["", "", ""]


def test_the_table_of_recordings_by_hand():
    outcomes = pd.DataFrame(
        [
            _outcome() | MARKED | {"scale": scale, "synops": synops, "chosen": marked}
            for scale, synops, marked in ((0.5, 2000, 0), (1.0, 5000, 1))
        ]
    )
    energy = EnergyModel(20.0, static_power_mw=1.0)
    table = recordings_table(outcomes, energy, 10.0)
    assert table["chosen"].tolist() == [0, 1]
    last = table.iloc[1]
    # 5,000 SynOps on 1,000 events within 10 steps of 10 ms.
    assert last["synops_per_event"] == 5
    assert last["synops_per_s"] == pytest.approx(50_000)
    assert last["power_mw"] == pytest.approx(50_000 * 20e-9 + 1.0)
    assert last["energy_uj"] == pytest.approx(0.1 + 100)


# --- Layers and network. ---


def test_layers_are_summed_over_a_set_and_divided_by_its_time():
    rows = layer_rows([_response(4), _response(6, (100, 20))], 10.0)
    assert rows["synops"].tolist() == [400, 60]
    assert rows["spikes_in"].tolist() == [10, 6]
    assert rows["fanout_nominal"].tolist() == [72, 10]
    key = {"set": "test", "recording": "", "variant": "plain", "seed": 1, "scale": 1.0}
    table = layers_table(rows.assign(**key))
    assert table["synops_per_s"].tolist() == pytest.approx([4000, 600])


def test_the_table_of_the_tutorials_network(tmp_path):
    describe("tutorial", 10, tmp_path / "network.csv", quiet())
    table = read_table(tmp_path / "network.csv", "network")
    assert table["output_shape"].tolist() == ["8x62x62", "32x29x29", "16x12x12", "32", "10"]
    assert table["fanout_nominal"].tolist() == [72, 288, 144, 32, 10]


# --- Beside published figures. ---


def _compared(source="folder", recordings=None, layers=None, evaluation=None) -> pd.DataFrame:
    table = comparison_table(
        read_published(PUBLISHED),
        pd.DataFrame(columns=schema("evaluation")) if evaluation is None else evaluation,
        source,
        "tutorial",
        recordings,
        layers,
    )
    return table.set_index("quantity")


def test_every_published_figure_has_a_verdict_and_a_reason_where_ours_differs():
    table = _compared()
    # What is computed here and was never published has neither figure nor verdict.
    computed = table[table["published"].isna()]
    assert computed.index.tolist() == ["tutorial_power_at_10_pj"]
    assert (computed.iloc[0]["verdict"], computed.iloc[0]["certainty"]) == ("", "computed")
    assert computed.iloc[0]["ours"] == pytest.approx(0.6593554971209212, rel=1e-12)
    printed = table.loc["tutorial_power_printed"]
    assert printed["ours"] == pytest.approx(6.593554971209212, rel=1e-12)
    assert printed["verdict"] == "reproduced"
    assert len(table) == len(pd.read_csv(PUBLISHED, sep="\t"))
    table = table.drop(computed.index)
    assert set(table["verdict"]) <= {"reproduced", "differs", "not comparable"}
    assert (table["why"].str.len() > 0)[table["verdict"] != "reproduced"].all()


@pytest.mark.parametrize(
    ("spikes", "verdict"), [(791_398, "reproduced"), (800_000, "reproduced"), (100, "differs")]
)
def test_our_recording_a_is_compared_only_where_it_is_the_tutorials(spikes, verdict):
    recordings = pd.DataFrame(
        [_outcome(n_events=262_000, n_events_outside=628, n_steps=521)
         | {"recording": "A", "variant": "plain", "seed": 1, "scale": 1.0}]
    )  # fmt: skip
    layers = pd.DataFrame(
        [{"recording": "A", "scale": 1.0, "layer": "conv1", "spikes_out": spikes}]
    )
    table = _compared("tutorial", recordings, layers)
    assert table.loc["tutorial_recording_A_events", "verdict"] == "reproduced"
    assert table.loc["tutorial_recording_A_steps", "verdict"] == "reproduced"
    assert table.loc["tutorial_spikes_conv1", "verdict"] == verdict
    elsewhere = _compared("folder", recordings, layers)
    assert elsewhere.loc["tutorial_spikes_conv1", "verdict"] == "not comparable"
    assert pd.isna(elsewhere.loc["tutorial_spikes_conv1", "ours"])


def test_the_papers_points_are_shown_but_not_compared():
    rows = [
        {"set": "test", "seed": seed, "scale": scale, "chosen": chosen, "accuracy": accuracy,
         "synops_per_3000_events": 1e6}
        for seed, scale, chosen, accuracy in (
            (1, 1.0, 1, 0.9), (2, 1.0, 0, 0.1), (1, 0.5, 0, 0.2), (2, 0.5, 1, 0.8)
        )
    ]  # fmt: skip
    rows.append(rows[0] | {"set": "mine", "accuracy": 0.3})
    table = _compared(evaluation=pd.DataFrame(rows))
    # Every quoted accuracy is of chosen rows, whatever the scale.
    baseline = table.loc["sorbaro_baseline_accuracy"]
    assert baseline["ours"] == pytest.approx(0.85)
    assert (baseline["ours_low"], baseline["ours_high"], baseline["n"]) == (0.8, 0.9, 2)
    assert baseline["verdict"] == "not comparable"
    assert table.loc["sorbaro_baseline_synops", "ours"] == 1e6


# --- Run times, curves, files. ---


def _timed(folder: Path, rule: str, name: str, max_rss: str) -> None:
    path = folder / rule / f"{name}.tsv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"s\th:m:s\tmax_rss\n2.0\t0:00:02\t{max_rss}\n")


def test_run_times_are_read_from_benchmarks_and_only_trainings_on_frames_have_a_rate(tmp_path):
    _timed(tmp_path, "train", "plain~1", "50.5")
    _timed(tmp_path, "train", "timed~1", "50.5")
    _timed(tmp_path, "split", "all", "-")
    _timed(tmp_path, "accumulate", "all", "50.5")
    (tmp_path / "index.csv").write_text("split\ntrain\ntrain\nvalidation\n")
    rows = [(name, 1, epoch, 0.5, 0.5, 0.5) for name in ("plain", "timed") for epoch in (1, 2)]
    write_table(
        pd.DataFrame(rows, columns=schema("training")), tmp_path / "training.csv", "training"
    )
    gather_runtimes(
        list(tmp_path.glob("*/*.tsv")), tmp_path / "index.csv", tmp_path / "training.csv",
        ["plain"], tmp_path / "runtimes.csv",
    )  # fmt: skip
    table = pd.read_csv(tmp_path / "runtimes.csv").set_index("wildcards")
    # Two frames in two epochs; all three frames of the index.
    assert table.loc["plain 1", "frames_per_s"] == 2.0
    assert pd.isna(table.loc["timed 1", "frames_per_s"])
    table = table.set_index("rule")
    assert table.loc["accumulate", "frames_per_s"] == 1.5
    assert pd.isna(table.loc["split", "frames_per_s"])
    assert pd.isna(table.loc["split", "max_rss_mb"])
