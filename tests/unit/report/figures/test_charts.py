"""The charts hold what the tables hold, in a specification that Vega-Lite accepts."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import result_tables as made
import vl_convert
from drawings import draw_chart, every_chart
from pages import make_energy_tables

from dvs_snn.report import chart, drawing
from dvs_snn.report.figures import confusion, front, latency
from dvs_snn.report.style import looks
from dvs_snn.settings.data import Classes

CHARTS = every_chart()


def rows_with(drawn, *keys):
    """The rows of a chart's data that hold these keys."""
    rows = [row for part in drawn.to_dict()["datasets"].values() for row in part]
    return [row for row in rows if set(keys) <= set(row)]


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_a_chart_repeats_byte_for_byte_and_vega_lite_warns_of_nothing(tmp_path, name, capfd):
    for copy, chart_of_copy in (("first", CHARTS[name]), ("second", every_chart()[name])):
        drawing.save(chart_of_copy, tmp_path / f"{copy}.svg")
    file = (tmp_path / "first.svg").read_text(encoding="utf-8")
    assert file == (tmp_path / "second.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(file)
    picture, vega = chart.parts_of(file)
    assert picture.startswith("<svg")
    assert not {"<script", "NaN", "<metadata"} & set(re.findall(r"<\w+|NaN", picture))
    assert "marks" in json.loads(vega)
    spec = chart.spec_of(CHARTS[name])
    vl_convert.vegalite_to_svg(spec, vl_version=chart.VEGA_LITE, show_warnings=True)
    assert capfd.readouterr().err == ""


def test_a_method_has_one_colour_and_one_shape_in_every_chart():
    def found(part):
        if isinstance(part, list):
            return {pair for each in part for pair in found(each)}
        if not isinstance(part, dict):
            return set()
        pairs = {pair for each in part.values() for pair in found(each)}
        scale = part.get("scale") if part.get("field") == "method" else None
        return pairs | set(zip(scale["domain"], scale["range"], strict=True) if scale else ())

    pairs = {pair for drawn in CHARTS.values() for pair in found(drawn.to_dict())}
    methods = {method for method, _ in pairs}
    assert {"rescaled", "synop-loss"} <= methods
    assert pairs == {(method, look) for method in methods for look in looks(methods)[method]}
    # Others beside it change nothing, and one that no study knows yet has a look too.
    assert looks(["synop-loss"])["synop-loss"] == looks(["new", "synop-loss"])["synop-loss"]
    assert len(set(looks(["new", "bptt", "rescaled"]).values())) == 3


def test_the_front_has_a_panel_for_each_test_set_and_quotes_the_chosen_points_and_energy():
    drawn = draw_chart("front")
    spec = drawn.to_dict()
    assert [panel["title"].split(":")[0] for panel in spec["hconcat"]] == ["test", "saccades-test"]
    table = made.make_front()
    row = table[
        (table["set"] == "test") & table["seed"].isna() & (table["chosen"] == 1)
        & (table["method"] == "rescaled")
    ].iloc[0]  # fmt: skip
    shown = rows_with(drawn, "low", "cost")
    point = next(one for one in shown if one["cost"] == pytest.approx(row[front.COST]))
    assert point["misread"] == pytest.approx(1 - row["accuracy"])
    assert point["low"] == pytest.approx(1 - row["accuracy_high"])
    assert point["high"] == pytest.approx(1 - row["accuracy_low"])
    assert "n = 1000)" in point["words"]

    # A reading has 6,000 events: a million SynOps per 3,000 events at 10 pJ are 20 µJ.
    factor = float(json.dumps(spec).split("datum.value * ")[1].split(" * pj")[0])
    assert 1e6 * factor * 10 == pytest.approx(20)


def test_a_line_joins_the_points_that_no_other_beats_on_validation():
    accuracies = {"validation": [0.9, 0.8, 0.95, 0.85], "test": [0.5, 0.6, 0.7, 0.99]}
    rows = pd.DataFrame(
        [
            {"set": name, "method": "a", "variant": "v", "scale": float(i), "exit": None,
             "seed": seed, "accuracy": accuracy, "synops_per_3000_events": cost}
            for name, read in accuracies.items()
            for seed in (1, None)
            for i, (accuracy, cost) in enumerate(zip(read, (2.0, 1.0, 4.0, 3.0), strict=True))
        ]
    )  # fmt: skip
    # What the test set reads changes nothing.
    assert front.joined(rows).tolist() == [True, True, True, False] * 4
    alone = rows[rows["set"] == "test"]
    assert front.joined(alone).tolist() == [False, True, False, True] * 2


def test_both_networks_cost_the_same_on_the_lines_of_break_even():
    drawn = draw_chart(
        "break_even", **make_energy_tables(made.make_evaluation(), made.make_front())
    )
    lines = rows_with(drawn, "method", "mac", "synop")
    # Both ends of the line of the test set: M MACs at one price, S SynOps at the other.
    assert len(lines) == 2
    for row in lines:
        assert 2.9 * row["mac"] == pytest.approx(3.015 * row["synop"])
    dots = {(row["mac"], row["synop"]) for row in rows_with(drawn, "name") if row["mac"] < 100}
    assert dots == {(0.23, 0.03), (4.6, 0.9)}


def test_layer_shares_are_of_the_chosen_scale_and_add_up_to_one():
    drawn = draw_chart("layers")
    rows = pd.DataFrame(rows_with(drawn, "share"))
    # Spikes are 1,000, 2,000 and 3,000 times the seed.
    of_test = rows[rows["set"] == "test"].set_index("layer")["share"]
    assert of_test.tolist() == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    np.testing.assert_allclose(rows.groupby("set")["share"].sum(), 1)


def test_the_confusion_adds_up_to_one_and_tells_what_was_silent():
    rows = pd.DataFrame(rows_with(draw_chart("confusion"), "share"))
    shares = rows.set_index(["label", "read"])["share"]
    # Of 20 recordings one of the digit 3 is silent and one of the 4 is read as 9.
    assert shares["3", confusion.SILENT] == shares["4", "9"] == 0.5
    assert shares.groupby("label").sum().tolist() == [1.0] * 10
    assert len(shares) == 12


def test_other_classes_stand_in_their_order_by_name():
    names = [f"class-{9 - k}" for k in range(10)]
    predictions = made.make_predictions()
    for column in ("label", "predicted"):
        predictions[column] = Classes(names).named(predictions[column])
    drawn = draw_chart("confusion", predictions=predictions, classes=Classes(names))
    shares = pd.DataFrame(rows_with(drawn, "share")).set_index(["label", "read"])["share"]
    assert shares["class-6", confusion.SILENT] == shares["class-5", "class-0"] == 0.5
    place = drawn.to_dict()["layer"][0]["encoding"]
    assert place["x"]["scale"]["domain"] == [*names, confusion.SILENT]
    assert (place["x"]["title"], place["y"]["title"]) == ("class read", "class shown")


def test_a_recording_counts_from_its_decision_on_if_it_was_read_right():
    times, right = np.array([10.0, np.nan, 30.0, 20.0]), np.array([True, False, True, False])
    edges = np.array([0.0, 10.0, 20.0, 30.0])
    assert latency.decided(times, right, edges).tolist() == [0, 0.25, 0.25, 0.5]


def test_latency_ends_at_the_error_of_the_whole_recordings():
    drawn = draw_chart("latency")
    lines = pd.DataFrame(rows_with(drawn, "left", "ms"))
    # Two of 20 recordings are misread.
    last = lines[lines["ms"] == lines["ms"].max()]
    assert last["left"].unique() == pytest.approx([0.1])
    stops = pd.DataFrame(rows_with(drawn, "synops"))
    # The chosen lead is one of another scale of the same variant.
    assert stops["size"].value_counts().to_dict()[260] >= 1


def test_changes_of_networks_that_read_again_stand_beside_limits_and_beyond_are_filled():
    drawn = draw_chart("probes")
    rows = pd.DataFrame(rows_with(drawn, "beyond"))
    assert list(dict.fromkeys(rows["condition"])) == [
        f"{part}: {to}" for part, to in made.CHANGES[1:]
    ]
    for side, expected in (
        (slice(0, 24), {-3.0: True, 1.0: False, 2.0: False}),
        (slice(24, None), {1.1: False, 0.95: False, 1.3: True}),
    ):
        # Two sets, two methods and two seeds, each with three changes.
        points = rows.iloc[side]
        assert points["beyond"].groupby(points["x"].round(6)).agg(["all", "size"]).T.to_dict() == {
            x: {"all": is_beyond, "size": 8} for x, is_beyond in expected.items()
        }


NOTHING = {
    "break_even": {"break_even": made.make_front().iloc[:0]},
    "confusion": {"predictions": made.make_predictions().assign(label=None)},
    "front": {"front": made.make_front().iloc[:0]},
    "latency": {"evaluation": made.make_frames_only_evaluation().assign(chosen=0)},
    "layers": {"evaluation": made.make_frames_only_evaluation()},
    "probes": {"probes": made.make_probes().iloc[:0]},
}


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_nothing_to_show_is_said_in_a_sentence(tmp_path, name):
    drawn = draw_chart(name, **NOTHING[name])
    drawing.save(drawn, tmp_path / "a.svg")
    assert drawn.to_dict()["mark"]["text"][0].startswith("No ")
