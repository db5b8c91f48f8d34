"""The charts hold what the tables hold, in a specification that Vega-Lite accepts."""

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
import result_tables as made
import vl_convert
from drawings import draw_chart, every_chart, quoted_row

from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import write_table
from dvs_snn.report import chart, drawing
from dvs_snn.report.figures import sets
from dvs_snn.report.origin import Origin
from dvs_snn.report.style import looks

CHARTS = every_chart()


def rows_with(drawn, *keys):
    """The rows of a chart's data that hold these keys."""
    rows = [row for part in drawn.to_dict()["datasets"].values() for row in part]
    return [row for row in rows if set(keys) <= set(row)]


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_a_chart_repeats_byte_for_byte_and_vega_lite_warns_of_nothing(tmp_path, name, capfd):
    for copy, chart_of_copy in (("first", CHARTS[name]), ("second", draw_chart(name))):
        chart.write(chart_of_copy, tmp_path / f"{copy}.svg")
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
    assert {"rescaled", "synop-loss", "early exit", "CNN"} <= methods
    every = looks([*made.CHEAPER, "early-exit", "cnn"])
    assert pairs == {(method, look) for method in methods for look in every[method]}
    # Others beside it change nothing, and one that no study knows yet has a look too.
    assert looks(["synop-loss"])["synop-loss"] == looks(["new", "synop-loss"])["synop-loss"]
    assert len(set(looks(["new", "bptt", "rescaled", "cnn"]).values())) == 4


def test_the_front_has_a_panel_for_each_set_with_the_chosen_points_and_the_cnn():
    drawn = draw_chart("front")
    titles = [panel["title"] for panel in drawn.to_dict()["hconcat"]]
    made_by = "simulated, 1,000 symbols"
    assert titles == [["slow movements", made_by], ["quick movements", made_by]]
    table = made.make_points()
    row = table[
        (table["set"] == "test") & table["seed"].isna() & (table["chosen"] == 1)
        & (table["method"] == "rescaled")
    ].iloc[0]  # fmt: skip
    shown = rows_with(drawn, "uj", "accuracy_low")
    # At 10 pJ.
    uj = round(row["operations_per_reading"] * 1e-5, 6)
    point = next(one for one in shown if round(one["uj"], 6) == uj)
    for name in ("accuracy", "accuracy_low", "accuracy_high"):
        assert point[name] == pytest.approx(row[name])
    assert "n = 1000) with" in point["words"]
    # A reading has 6,000 events: the CNN's MACs of 3,000 twice. It is shown where it stops early
    # and skips zeros, and where it does every MAC.
    of_cnn = {round(one["uj"], 6): one["accuracy"] for one in shown if one["method"] == "CNN"}
    assert of_cnn == pytest.approx({24.0: 0.97, 58.0: 0.97})


def test_a_set_that_no_network_reads_nearly_as_well_has_no_empty_panel():
    points = made.make_points()
    points.loc[points["set"] == "saccades-test", "accuracy"] = 0.1
    panels = draw_chart("front", points=points).to_dict()["hconcat"]
    assert [panel["title"][0] for panel in panels] == ["slow movements"]


def test_a_published_network_stands_beside_the_front():
    evaluation = made.make_evaluation()
    guest = evaluation[evaluation["set"] == "test"].head(1).assign(method="nir", variant="cnn")
    guest = guest.assign(symbols_trained_on=9)
    drawn = draw_chart("answer", evaluation=pd.concat([evaluation, guest]))
    shown = {row["words"] for row in rows_with(drawn, "words")}
    assert "cnn,\ntrained on these recordings" in shown


def test_both_networks_cost_the_same_on_the_lines_of_break_even():
    table = made.make_points()
    drawn = draw_chart("break_even")
    points = rows_with(drawn, "method", "ratio", "more_pj")
    chosen = table[(table["set"] == "test") & (table["chosen"] == 1) & table["seed"].isna()]
    spiking = chosen[chosen["side"] == "spiking"].set_index("method")
    synops = spiking["operations_per_3000_events"]
    # Two quoted networks, and two ways of the CNN.
    assert len({(row["code"], row["cnn"]) for row in points}) == 2 * 2
    macs = {"every MAC": 2.9e6, "stops early, skips zeros": 1.2e6}
    for row in points:
        assert macs[row["cnn"]] * row["mac"] == pytest.approx(synops[row["code"]] * row["synop"])
    dots = {(row["mac"], row["synop"]) for row in rows_with(drawn, "name") if row["mac"] < 100}
    assert dots == {(0.23, 0.03), (4.6, 0.9)}


def test_sets_are_called_by_what_they_show_real_ones_first_with_every_quoted_network():
    origin = Origin("simulated", {"saccades-test": "real"})
    drawn = draw_chart("sets", origin=origin)
    rows = pd.DataFrame(rows_with(drawn, "n_symbols"))
    assert set(rows["name"]) == {
        "slow movements (simulated, n = 1,000)",
        "quick movements (real, n = 1,000)",
    }
    assert list(dict.fromkeys(rows["method"])) == ["early exit", "rescaled", "CNN"]
    read = quoted_row()["accuracy"]
    shown = rows[(rows["set"] == "test") & (rows["method"] == "early exit")]
    assert shown["accuracy"].tolist() == pytest.approx([read])
    assert drawn.to_dict()["facet"]["row"]["sort"][0].startswith("quick movements (real")


def test_latency_shows_every_lead_of_the_quoted_networks_and_marks_the_chosen_one():
    stops = pd.DataFrame(rows_with(draw_chart("latency"), "size")).drop_duplicates("accuracy")
    # The end is no lead, and the first lead is far less accurate.
    assert stops["time_to_exit_ms"].tolist() == pytest.approx([105, 150])
    assert stops["size"].tolist() == [260, 40]
    assert set(stops["method"]) == {"early exit"}


def test_the_energy_of_a_reading_is_shared_out_over_the_layers():
    rows = pd.DataFrame(rows_with(draw_chart("layers"), "share", "uj")).drop_duplicates()
    assert rows["share"].tolist() == ["75%", "25%"]
    # At 10 pJ.
    assert rows["uj"].sum() == pytest.approx(1e-5 * quoted_row()["operations_per_reading"])
    assert rows["words"][0] == "conv1: 8 × 62 × 62\n72 weights"


def test_changes_of_networks_that_read_again_stand_beside_limits_and_beyond_are_filled():
    drawn = draw_chart("probes")
    rows = pd.DataFrame(rows_with(drawn, "seen"))
    changes = [f"{part}: {to}" for part, to in made.CHANGES[1:]]
    assert list(dict.fromkeys(rows["condition"])) == changes
    for side, expected in (
        (slice(0, 6), {-3.0: True, 1.0: False, 2.0: False}),
        (slice(6, None), {1.1: False, 0.95: False, 1.3: True}),
    ):
        # Two sets, each with three changes: means over seeds, of the best method alone.
        points = rows.iloc[side]
        assert points["seen"].groupby(points["x"].round(6)).agg(["all", "size"]).T.to_dict() == {
            x: {"all": is_beyond, "size": 2} for x, is_beyond in expected.items()
        }


NOTHING = {
    "answer": {"evaluation": made.make_frames_only_evaluation()},
    "break_even": {"points": made.make_points().iloc[:0]},
    "front": {"points": made.make_points().iloc[:0]},
    "latency": {"points": made.make_points().query("exit.isna()")},
    "layers": {"points": made.make_points().iloc[:0]},
    "probes": {"probes": made.make_probes().iloc[:0]},
    "sets": {"points": made.make_points().iloc[:0]},
}


def test_a_change_whose_interval_holds_none_was_not_seen():
    probes = made.make_probes()
    is_change = probes["measure"] == "accuracy_change"
    probes.loc[is_change, ["low", "high"]] = [-0.08, 0.02]
    rows = pd.DataFrame(rows_with(draw_chart("probes", probes=probes), "seen"))
    assert not rows.loc[rows["low"].notna(), "seen"].any()
    assert rows["words"].str.contains("no change seen").any()


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_nothing_to_show_is_said_in_a_sentence_and_left_out_of_the_page(tmp_path, name):
    drawn = draw_chart(name, **NOTHING[name])
    chart.write(drawn, tmp_path / "a.svg")
    assert drawn.to_dict()["mark"]["text"][0].startswith("No ")
    assert chart.shows_nothing((tmp_path / "a.svg").read_text(encoding="utf-8"))


# --- what a figure needs --------------------------------------------------------------------------


def test_what_figures_show_and_need_is_known_without_a_library_that_draws():
    code = (
        "import sys; from dvs_snn.report import drawing; "
        "print([drawing.needs(name) for name in drawing.figure_names()]); "
        "sys.exit(' '.join({'altair', 'matplotlib', 'scipy', 'torch'} & set(sys.modules)) or 0)"
    )
    scripts = Path(drawing.__file__).parents[2]
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=scripts, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_study_draws_what_it_has_and_an_argument_that_none_gives_is_an_error(monkeypatch):
    given = {need: "a file" for name in drawing.figure_names() for need in drawing.needs(name)}
    assert drawing.drawable(given) == drawing.figure_names()
    assert "probes" not in drawing.drawable(given | {"probes": None})
    monkeypatch.setattr(sets, "draw", lambda evaluaton: None)
    with pytest.raises(StudyError, match=r"sets.py: draw takes evaluaton, which"):
        drawing.drawable(given)


def test_a_figure_is_drawn_from_what_its_arguments_name(tmp_path):
    write_table(made.make_points(), tmp_path / "points.csv", "points")
    write_table(made.make_evaluation(), tmp_path / "evaluation.csv", "evaluation")
    settings = {"power": {"energy_per_synop_pj": 10.0, "static_power_mw": 0.0}}
    settings |= {"origin": {"source": "simulated", "added": {}}}
    inputs = {name: tmp_path / f"{name}.csv" for name in ("points", "evaluation")}
    drawing.plot_figure(drawing.FigureJob("front", inputs, settings, tmp_path / "front.svg"))
    drawn = (tmp_path / "front.svg").read_text(encoding="utf-8")
    assert "energy per recording (µJ)" in drawn
    # The set `extra` of few symbols isn't shown.
    assert ">not a result: sets of fewer than 50<" in drawn
    assert ">symbols, test (10)<" in drawn
