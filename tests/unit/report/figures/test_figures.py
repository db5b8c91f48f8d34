"""The figures show what was measured: panels, words and data points, whatever they look like."""

import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from drawings import every_figure, make_input_rows, make_reading, panels, said
from result_tables import make_evaluation, make_front
from simulated_tables import every_simulated_figure, make_failures, make_maps

from dvs_snn.files.tables import write_table
from dvs_snn.report import drawing, raster
from dvs_snn.report.figures import failures, frames, inputs, layers, twins
from dvs_snn.report.style import save, styled
from dvs_snn.settings.data import Classes

FIGURES = every_figure() | every_simulated_figure()


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
    assert "twins" not in drawing.drawable(given | {"symbols": None})
    monkeypatch.setattr(layers, "draw", lambda layers, evaluaton: None)
    with pytest.raises(ValueError, match=r"layers.py: draw takes evaluaton, which"):
        drawing.drawable(given)


def test_a_figure_is_drawn_from_what_its_arguments_name(tmp_path):
    write_table(make_front(), tmp_path / "front.csv", "front")
    write_table(make_evaluation(), tmp_path / "evaluation.csv", "evaluation")
    settings = {"power": {"energy_per_synop_pj": 10.0, "static_power_mw": 0.0}}
    inputs = {name: tmp_path / f"{name}.csv" for name in ("front", "evaluation")}
    drawing.plot_figure("front", settings, inputs | {"folders": []}, tmp_path / "front.svg")
    drawn = (tmp_path / "front.svg").read_text(encoding="utf-8")
    assert "million SynOps per 3,000 events" in drawn
    # The set `extra` of few symbols isn't shown.
    assert ">not a result: sets of fewer than 50 symbols, test (10)<" in drawn


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_figure_repeats_byte_for_byte_and_nothing_is_cut_off_or_small(tmp_path, name):
    for copy in ("first.svg", "second.svg"):
        save(FIGURES[name](), tmp_path / copy)
    first = (tmp_path / "first.svg").read_bytes()
    assert first == (tmp_path / "second.svg").read_bytes()
    assert b"<dc:date>" not in first
    assert b"<script" not in first
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
        assert not any(title.overlaps(after) for after in titles[i + 1 :])
    assert name not in every_simulated_figure() or "imulated" in said(figure)


def test_a_matplotlibrc_of_the_users_changes_no_byte(tmp_path):
    def drawn(name: str) -> bytes:
        with styled():
            save(raster.raster_of(make_reading()), tmp_path / name)
        return (tmp_path / name).read_bytes()

    users = {"font.size": 20, "axes.linewidth": 4, "svg.fonttype": "path", "savefig.bbox": "tight"}
    plain = drawn("plain.svg")
    with matplotlib.rc_context(users):
        assert drawn("users.svg") == plain
        assert matplotlib.rcParams["font.size"] == 20
    assert drawn("plain.png").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: twins.plot([], {}), "no symbol"),
        (lambda: failures.plot([], ""), "no recording was misread"),
    ],
)
def test_nothing_to_show_is_said(draw, sentence):
    assert sentence in said(draw()).lower()


def test_frames_grid_has_a_panel_and_a_label_each():
    pixels = np.arange(7 * 64 * 64, dtype=np.uint8).reshape(7, 1, 64, 64)
    axes = panels(frames.plot(pixels, list("0123258"), "Frames"))
    assert [axis.get_title() for axis in axes] == list("0123258")
    np.testing.assert_array_equal([axis.images[0].get_array() for axis in axes], pixels[:, 0])


def test_sets_stand_below_training_on_one_scale_of_grey():
    rows = make_input_rows()
    figure = inputs.plot(rows, "What the network sees")
    shown = [axis for axis in panels(figure) if axis.images]
    assert [axis.get_ylabel() for axis in shown if axis.get_ylabel()] == list(rows)
    # The middle one of the three frames of each of three digits.
    sums = rows["training"].pixels.sum(axis=(1, 2))
    titles = ["mean of 12 frames"]
    titles += [f"digit {d}, {sums[i]:,} events" for d, i in ((0, 4), (1, 5), (3, 7))]
    assert [axis.get_title() for axis in shown[:4]] == titles
    assert shown[4].get_title() == "mean of 2 frames"
    assert shown[5].get_title() == f"digit 0, {sums[0]:,} events"
    np.testing.assert_array_equal(shown[0].images[0].get_array(), rows["training"].mean())
    means = {axis.images[0].get_clim() for axis in shown if axis.get_title().startswith("mean")}
    singles = {axis.images[0].get_clim() for axis in shown if "events" in axis.get_title()}
    assert (len(means), len(singles)) == (1, 1)
    assert "no event on the network" in said(figure)


def test_twins_show_the_digit_and_both_maps():
    symbols, rows = make_maps()
    axes = panels(twins.plot(symbols, rows))
    shown = [axis.images[0].get_array() for axis in axes]
    for row, maps in zip(rows.values(), (shown[:6], shown[6:12], shown[12:]), strict=True):
        np.testing.assert_array_equal(maps, row)
    assert len({axis.images[0].get_clim() for axis in axes[6:]}) == 1
    assert [axis.get_title() for axis in axes[:6]] == symbols
    assert [axis.get_ylabel() for axis in axes[::6]] == list(rows)
    assert "the real were not there" in said(twins.plot(*make_maps(real=False)))


def test_failures_say_what_was_shown_and_read_whatever_their_names_hold(tmp_path):
    frame, *read, _ = make_failures(1)[0]
    strange = (frame, *read, "$\\nonsense$ a_b")
    figure = failures.plot([*make_failures(7), strange], "")
    titles = [axis.get_title() for axis in panels(figure)]
    assert titles[1:3] == ["shown 1, read 6", "shown 2, silent"]
    assert len(titles) == 8
    assert "scale08" in said(figure)
    save(figure, tmp_path / "a.svg")


def test_raster_draws_one_marker_for_each_step_and_neuron_that_fired():
    read = make_reading()
    figure = raster.raster_of(read)
    points = next(c for c in figure.axes[0].collections if c.get_gid() == "spikes")
    assert len(points.get_offsets()) == np.count_nonzero(read.spikes)
    areas = points.get_sizes()
    counts = read.spikes[np.nonzero(read.spikes)]
    assert areas[counts == counts.max()].min() > areas[counts == 1].max()
    assert "the digit shown: 3" in said(figure)


@pytest.mark.parametrize("label", [None, "", float("nan")])
def test_raster_of_a_silent_network_without_a_label(label):
    figure = raster.raster_of(make_reading(20, label, silent=True))
    for part in ("No output spike", "no prediction", "the digit shown is not known"):
        assert part in said(figure)
    assert "the digit shown:" not in said(figure)


def test_raster_names_other_classes_and_of_many_only_some():
    few = Classes([f"c{k}" for k in range(10)])
    figure = raster.raster_of(make_reading(label="c3"), few)
    assert "the class shown: c3" in said(figure)
    assert "digit" not in said(figure)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == list(few.names)
    band = figure.axes[0].patches[0].get_extents().transformed(figure.axes[0].transData.inverted())
    assert (band.y0, band.y1) == pytest.approx((2.58, 3.42))
    many = Classes([f"c{k}" for k in range(100)])
    figure = raster.raster_of(make_reading(label=""), many)
    assert [label.get_text() for label in figure.axes[1].get_yticklabels()] == list(many.names[::5])
