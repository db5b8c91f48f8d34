"""The figures show what the tables hold: axes, labels and data points, whatever they look like."""

import importlib
import re
import tracemalloc
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from drawings import every_figure, make_events, make_input_rows, make_spikes, panels, said
from pages import make_energy_tables
from result_tables import (
    CHANGES,
    make_evaluation,
    make_frames_only_evaluation,
    make_probes,
    make_training,
)
from simulated_tables import every_simulated_figure, make_calibration

from dvs_snn.report.figures import calibration as calibration_figure
from dvs_snn.report.figures import cloud as cloud_figure
from dvs_snn.report.figures import decision as decision_figure
from dvs_snn.report.figures import failures as failures_figure
from dvs_snn.report.figures import frames as frames_figure
from dvs_snn.report.figures import inputs as inputs_figure
from dvs_snn.report.figures import probes as probes_figure
from dvs_snn.report.figures import raster as raster_figure
from dvs_snn.report.figures import rate as rate_figure
from dvs_snn.report.figures import registry
from dvs_snn.report.figures import strip as strip_figure
from dvs_snn.report.figures import training as training_figure
from dvs_snn.report.figures import twin_counts as twin_counts_figure
from dvs_snn.report.figures import twins as twins_figure
from dvs_snn.report.figures.registry import FIGURES_BY_FOLDER, about
from dvs_snn.report.style import save
from dvs_snn.settings.data import Classes

FIGURES = every_figure() | every_simulated_figure()


def test_every_figure_is_named_and_says_what_it_shows():
    folder = Path(registry.__file__).parent
    modules = {
        path.stem
        for path in folder.glob("*.py")
        if "\ndef draw(" in path.read_text(encoding="utf-8")
    }
    assert modules == {name for names in FIGURES_BY_FOLDER.values() for name in names}
    for name in (name for names in FIGURES_BY_FOLDER.values() for name in names):
        said_of = about(name)
        module = importlib.import_module(said_of.module)
        assert said_of.caption == module.CAPTION
        assert said_of.caption.endswith(".")
        assert said_of.title
        assert re.match(r"\d \w+", said_of.category)
        assert said_of.inputs


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_figure_repeats_byte_for_byte_and_nothing_is_cut_off_or_small(tmp_path, name):
    for copy in ("first.svg", "second.svg"):
        save(FIGURES[name](), tmp_path / copy)
    first = (tmp_path / "first.svg").read_bytes()
    assert first == (tmp_path / "second.svg").read_bytes()
    assert b"<dc:date>" not in first
    assert b"<script" not in first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.svg", "second.svg"]
    figure = FIGURES[name]()
    figure.canvas.draw()
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert min(box.x0, box.y0) >= -0.01
    assert box.x1 <= width + 0.01
    assert box.y1 <= height + 0.01
    sizes = [t.get_fontsize() for t in figure.findobj(matplotlib.text.Text) if t.get_text()]
    assert min(sizes) >= 9
    titles = [axis.title.get_window_extent() for axis in figure.axes if axis.get_title()]
    for i, title in enumerate(titles):
        assert not any(title.overlaps(other) for other in titles[i + 1 :])


@pytest.mark.parametrize("name", sorted(every_simulated_figure()))
def test_what_is_simulated_is_called_so(name):
    assert "imulated" in said(FIGURES[name]())


def no_costs():
    tables = make_energy_tables(make_frames_only_evaluation().assign(chosen=0))
    return decision_figure.plot(tables["costs"])


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (no_costs, "not known"),
        (lambda: probes_figure.plot(make_probes().iloc[:0]), "no network was quoted"),
        (lambda: calibration_figure.plot(make_calibration().iloc[:0]), "compared"),
        (lambda: calibration_figure.plot(pd.DataFrame()), "compared"),
        (lambda: twin_counts_figure.plot(pd.DataFrame()), "no symbol"),
        (lambda: twins_figure.plot([]), "no symbol"),
        (lambda: failures_figure.plot([], ""), "no recording was misread"),
    ],
)
def test_nothing_to_show_is_said(draw, sentence):
    assert sentence in said(draw()).lower()


def test_strip_has_a_panel_a_moment_and_says_when():
    t, x, y, p = make_events(duration_us=1_200_000)
    figure = strip_figure.plot(t, x, y, p, (34, 34), True, "A", n_panels=4)
    assert len(panels(figure)) == 4
    # Four moments of 1.2 s: the first window is centred on 0.15 s and 33 ms wide.
    for part in ("0.133–0.166 s", "ON", "OFF"):
        assert part in said(figure)
    # A short recording takes its share of time.
    figure = strip_figure.plot(t // 20, x, y, p, (34, 34), True, "A", n_panels=6)
    assert "events of 10 ms" in said(figure)


def test_strip_places_an_event_in_its_pixel():
    t = np.array([0, 1000])
    figure = strip_figure.plot(
        t, np.array([5, 5]), np.array([2, 2]), np.array([1, 1]), (20, 10), True, "A", n_panels=1
    )
    image = panels(figure)[0].images[0].get_array()
    assert image.shape == (10, 20, 3)
    coloured = np.argwhere((image < 1).any(axis=2))
    assert coloured.tolist() == [[2, 5]]


def test_without_polarity_nobody_speaks_of_on_and_off():
    t, x, y, _ = make_events()
    for figure in (
        strip_figure.plot(t, x, y, None, (34, 34), False, "A"),
        rate_figure.plot(t, None, False, "A"),
        cloud_figure.plot(t, x, y, None, (34, 34), False, "A"),
    ):
        assert "OFF" not in said(figure)


@pytest.mark.parametrize("n", [0, 1])
def test_recordings_of_no_or_one_event_are_drawn(tmp_path, n):
    t = np.zeros(n, dtype=np.int64)
    for figure in (
        strip_figure.plot(t, t, t, t, (34, 34), True, "A"),
        cloud_figure.plot(t, t, t, t, (34, 34), True, "A"),
        rate_figure.plot(t, t, True, "A"),
    ):
        save(figure, tmp_path / "a.svg")
        assert ("no event" in said(figure)) == (n == 0)


def test_cloud_thins_evenly():
    t, x, y, p = make_events(n=5000)
    figure = cloud_figure.plot(t, x, y, p, (34, 34), True, "A", max_points=1000)
    drawn = sum(len(points.get_offsets()) for points in figure.axes[0].collections)
    assert drawn == 1000
    assert "1,000 of 5,000 events" in said(figure)


def test_rate_adds_up_to_the_events():
    t, _, _, p = make_events(n=5000, duration_us=303_000)
    figure = rate_figure.plot(t, p, True, "A", bin_ms=10)
    total = 0.0
    for patch in figure.axes[0].patches:
        values, edges, _ = patch.get_data()
        total += (values * 1e3 * np.diff(edges)).sum()
    assert total == pytest.approx(5000)


def test_a_file_that_claims_any_sensor_and_any_duration_is_drawn_small():
    t, xy, p = np.array([0, 2**62]), np.array([0, 65_535]), np.array([True, False])
    tracemalloc.start()
    rate = rate_figure.plot(t, p, True, "A")
    for size in ((65_536, 65_536), (1, 65_536), (65_536, 1)):
        x, y = np.minimum(xy, size[0] - 1), np.minimum(xy, size[1] - 1)
        strip = strip_figure.plot(t, x, y, p, size, True, "A")
        assert max(strip.get_size_inches()) < 20
    assert tracemalloc.get_traced_memory()[1] < 150 * 2**20
    tracemalloc.stop()
    (axis,) = rate.axes
    assert len(axis.patches[0].get_data().values) <= rate_figure.MAX_RATE_BINS


def test_frames_grid_has_a_panel_and_a_label_each():
    frames = np.zeros((7, 1, 64, 64), dtype=np.uint8)
    frames[2, 0, 3, 4] = 200
    figure = frames_figure.plot(frames, [0, 1, 2, 3, float("nan"), "", "8"], "Frames")
    titles = [axis.get_title() for axis in panels(figure)]
    assert titles == ["0", "1", "2", "3", "?", "?", "8"]
    assert "events per pixel" in said(figure)


def test_sets_stand_below_training_on_one_scale_of_grey():
    rows = make_input_rows()
    figure = inputs_figure.plot(rows, "What the network sees")
    shown = [axis for axis in panels(figure) if axis.images]
    assert [axis.get_ylabel() for axis in shown if axis.get_ylabel()] == [
        "training",
        "mine",
        "empty",
    ]
    # The middle one of the three frames of each of three digits.
    sums = rows[0].frames.pixels.sum(axis=(1, 2))
    titles = ["mean of 12 frames"]
    titles += [f"digit {d}, {sums[i]:,} events" for d, i in ((0, 4), (2, 6), (3, 7))]
    assert [axis.get_title() for axis in shown[:4]] == titles
    assert shown[4].get_title() == "mean of 2 frames"
    assert shown[5].get_title() == f"digit 0, {sums[0]:,} events"
    np.testing.assert_array_equal(shown[0].images[0].get_array(), rows[0].frames.mean())
    means = {axis.images[0].get_clim() for axis in shown if axis.get_title().startswith("mean")}
    singles = {axis.images[0].get_clim() for axis in shown if "events" in axis.get_title()}
    assert (len(means), len(singles)) == (1, 1)
    assert "no event on the network" in said(figure)


def test_training_curves_have_a_line_for_each_run():
    figure = training_figure.plot(make_training(variants=("plain", "quantised")))
    assert len(panels(figure)) == 3
    for axis in panels(figure):
        assert len(axis.lines) == 4
        assert len({line.get_color() for line in axis.lines}) == 2
        assert len({line.get_linestyle() for line in axis.lines}) == 2
    np.testing.assert_allclose(panels(figure)[1].lines[0].get_ydata(), [0.3, 0.6, 0.9])


def test_raster_draws_one_marker_for_each_step_and_neuron_that_fired():
    spikes, running, sliding = make_spikes()
    # Labels that pandas read beside an empty one are floats.
    figure = raster_figure.plot(spikes, running, sliding, 10, 3.0, "A")
    points = next(c for c in figure.axes[0].collections if c.get_gid() == "spikes")
    assert len(points.get_offsets()) == np.count_nonzero(spikes)
    areas = points.get_sizes()
    counts = spikes[np.nonzero(spikes)]
    assert areas[counts == counts.max()].min() > areas[counts == 1].max()
    assert "the digit shown: 3" in said(figure)


@pytest.mark.parametrize("label", [None, "", float("nan")])
def test_raster_of_a_silent_network_without_a_label(label):
    none = np.full(20, -1, dtype=np.int16)
    figure = raster_figure.plot(np.zeros((20, 10)), none, none, 10, label, "A")
    for part in ("No output spike", "no prediction", "the digit shown is not known"):
        assert part in said(figure)
    assert "the digit shown:" not in said(figure)


def test_raster_names_other_classes_and_of_many_only_some():
    few = Classes([f"c{k}" for k in range(10)])
    figure = raster_figure.plot(*make_spikes(), 10, "c3", "A", few)
    assert "the class shown: c3" in said(figure)
    assert "digit" not in said(figure)
    assert [one.get_text() for one in figure.axes[0].get_yticklabels()] == list(few.names)
    band = figure.axes[0].patches[0].get_extents().transformed(figure.axes[0].transData.inverted())
    assert (band.y0, band.y1) == pytest.approx((2.58, 3.42))
    many = Classes([f"c{k}" for k in range(100)])
    figure = raster_figure.plot(*make_spikes(), 10, "", "A", many)
    assert [one.get_text() for one in figure.axes[1].get_yticklabels()] == list(many.names[::5])


def test_decisions_on_a_small_set_are_left_out_beside_a_large_one():
    costs = make_energy_tables(make_evaluation())["costs"]
    small = costs.assign(n_symbols=costs["n_symbols"].where(costs["set"] == "extra", 1000))
    assert "set extra" in said(decision_figure.plot(costs))
    assert "set extra" not in said(decision_figure.plot(small))


def test_decisions_stand_at_their_energy_beside_published_chips():
    figure = decision_figure.plot(make_energy_tables(make_evaluation())["costs"])
    (axis,) = panels(figure)
    places = [
        (line.get_marker(), line.get_markerfacecolor() == "white", line.get_xdata()[0])
        for line in axis.lines
        if line.get_marker() in ("o", "x") and len(line.get_xdata())
    ]
    # Twice, for two sets: until decided, a whole recording, and with static power.
    assert sorted(places) == [
        ("o", False, pytest.approx(20.18844)), ("o", False, pytest.approx(20.18844)),
        ("o", True, pytest.approx(70.58844)), ("o", True, pytest.approx(70.58844)),
        ("x", False, pytest.approx(50)), ("x", False, pytest.approx(50)),
    ]  # fmt: skip
    chips = {line.get_xdata()[0]: line.get_ydata()[0] for line in axis.lines
             if line.get_marker() == "X"}  # fmt: skip
    assert len(chips) == 5
    assert chips[8.4] == pytest.approx(0.031)
    assert "BrainScaleS-2" in said(figure)


def test_a_matplotlibrc_of_the_users_changes_no_byte(tmp_path):
    def drawn(name: str) -> bytes:
        save(training_figure.plot(make_training()), tmp_path / name)
        return (tmp_path / name).read_bytes()

    own = {
        "font.size": 20, "axes.linewidth": 4, "svg.fonttype": "none", "lines.markersize": 12,
        "axes.formatter.use_locale": True, "savefig.bbox": "tight", "path.simplify": False,
    }  # fmt: skip
    plain = drawn("plain.svg")
    with matplotlib.rc_context(own):
        assert drawn("own.svg") == plain
        assert matplotlib.rcParams["font.size"] == 20
    assert drawn("plain.png").startswith(b"\x89PNG")


def test_changes_beyond_a_limit_are_filled():
    figure = probes_figure.plot(make_probes())
    left, right = panels(figure)
    names = [label.get_text() for label in left.get_yticklabels()]
    assert names == [f"{part}: {value}" for part, value in CHANGES[1:]]
    for axis, gid, expected in (
        (left, "accuracy_change", {-3.0: True, 1.0: False, 2.0: False}),
        (right, "synops_change", {1.1: False, 0.95: False, 1.3: True}),
    ):
        filled = {}
        for line in axis.lines:
            if line.get_gid() == gid:
                is_filled = line.get_markerfacecolor() != "none"
                filled |= dict.fromkeys(np.round(line.get_xdata(), 6).tolist(), is_filled)
        assert filled == expected
    # Two sets, two methods and two seeds, each with filled and hollow marks of three changes.
    marks = [line for line in left.lines if line.get_gid() == "accuracy_change"]
    assert sum(len(line.get_xdata()) for line in marks) == 3 * 8
    limits = [line.get_xdata()[0] for line in right.lines if line.get_gid() == "limit"]
    assert limits == [0.9, 1.1]
