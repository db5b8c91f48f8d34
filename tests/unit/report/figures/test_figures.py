"""The figures show what the tables hold: axes, labels and data points, whatever they look like."""

import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from drawings import every_figure, make_events, make_input_rows, make_reading, panels, said
from made_recordings import from_columns, from_rows
from result_tables import CHANGES, make_probes
from simulated_tables import every_simulated_figure, make_calibration, make_pairs

from dvs_snn.recordings.recording import EventRecording
from dvs_snn.report import drawing
from dvs_snn.report.figures import calibration as calibration_figure
from dvs_snn.report.figures import cloud, frames, inputs, raster, rate, strip
from dvs_snn.report.figures import failures as failures_figure
from dvs_snn.report.figures import probes as probes_figure
from dvs_snn.report.figures import twin_counts as twin_counts_figure
from dvs_snn.report.figures import twins as twins_figure
from dvs_snn.report.style import save, styled
from dvs_snn.settings.data import Classes

FIGURES = every_figure() | every_simulated_figure()


@pytest.mark.parametrize("name", drawing.figure_names())
def test_every_figure_says_what_it_shows(name):
    figure = drawing.about(name)
    assert figure.CAPTION.endswith(".")
    assert figure.TITLE
    assert re.match(r"\d \w+", figure.CATEGORY)
    assert figure.SUFFIX in (".svg", ".png")
    assert drawing.needs(name)


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


def test_a_figure_is_drawn_from_what_its_arguments_name(tmp_path):
    path = tmp_path / "A.npz"
    events = make_events().events
    np.savez(path, **{name: events[name] for name in "txyp"})
    shown = {"recording": "A", "symbol": None, "sensor_size": [34, 34], "data_note": "mine",
             "from_file": True, "time_unit": None}  # fmt: skip
    picture = tmp_path / "rate.svg"
    drawing.plot_figures(["rate"], {"shown": shown}, {"events": path, "folders": []}, [picture])
    assert "Recording A (mine): event rate" in picture.read_text(encoding="utf-8")


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


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: probes_figure.draw(make_probes().iloc[:0]), "no network was quoted"),
        (lambda: calibration_figure.draw(make_calibration().iloc[:0]), "compared"),
        (lambda: twin_counts_figure.draw(make_pairs().iloc[:0]), "no symbol"),
        (lambda: twins_figure.plot([], {}), "no symbol"),
        (lambda: failures_figure.plot([], ""), "no recording was misread"),
    ],
)
def test_nothing_to_show_is_said(draw, sentence):
    assert sentence in said(draw()).lower()


def test_strip_has_a_panel_a_moment_and_says_when():
    recording = make_events(duration_us=1_200_000)
    figure = strip.plot(recording, "A", n_panels=4)
    assert len(panels(figure)) == 4
    # Four moments of 1.2 s: the first window is centred on 0.15 s and 33 ms wide.
    for part in ("0.133–0.166 s", "ON", "OFF"):
        assert part in said(figure)
    # A short recording takes its share of time.
    events = recording.events.copy()
    events["t"] //= 20
    figure = strip.plot(EventRecording(events, (34, 34)), "A", n_panels=6)
    assert "events of 10 ms" in said(figure)


def test_strip_places_an_event_in_its_pixel():
    recording = from_rows([(0, 5, 2, 1), (1000, 5, 2, 1)], (20, 10))
    image = panels(strip.plot(recording, "A", n_panels=1))[0].images[0].get_array()
    assert image.shape == (10, 20, 3)
    coloured = np.argwhere((image < 1).any(axis=2))
    assert coloured.tolist() == [[2, 5]]


@pytest.mark.parametrize("module", [strip, rate, cloud])
def test_recordings_without_polarity_and_of_one_event_are_drawn(module, tmp_path):
    assert "OFF" not in said(module.plot(make_events(has_polarity=False), "A"))
    save(module.plot(from_rows([(0, 0, 0, 1)], (34, 34)), "A"), tmp_path / "a.svg")


def test_cloud_thins_evenly():
    figure = cloud.plot(make_events(n=5000), "A", max_points=1000)
    drawn = sum(len(points.get_offsets()) for points in figure.axes[0].collections)
    assert drawn == 1000
    assert "1,000 of 5,000 events" in said(figure)


def test_rate_adds_up_to_the_events():
    figure = rate.plot(make_events(n=5000, duration_us=303_000), "A", bin_ms=10)
    total = 0.0
    for patch in figure.axes[0].patches:
        values, edges, _ = patch.get_data()
        total += (values * 1e3 * np.diff(edges)).sum()
    assert total == pytest.approx(5000)


def test_a_file_that_claims_any_sensor_and_any_duration_is_drawn_small():
    t, xy, p = np.array([0, 2**62]), np.array([0, 65_535]), np.array([True, False])
    tracemalloc.start()
    drawn = rate.plot(from_columns(t, xy, xy, p, (65_536, 65_536)), "A")
    for size in ((65_536, 65_536), (1, 65_536), (65_536, 1)):
        x, y = np.minimum(xy, size[0] - 1), np.minimum(xy, size[1] - 1)
        assert max(strip.plot(from_columns(t, x, y, p, size), "A").get_size_inches()) < 20
    assert tracemalloc.get_traced_memory()[1] < 150 * 2**20
    tracemalloc.stop()
    (axis,) = drawn.axes
    assert len(axis.patches[0].get_data().values) <= rate.MAX_RATE_BINS


def test_frames_grid_has_a_panel_and_a_label_each():
    pixels = np.arange(7 * 64 * 64, dtype=np.uint8).reshape(7, 1, 64, 64)
    axes = panels(frames.plot(pixels, list("0123258"), "Frames"))
    assert [axis.get_title() for axis in axes] == list("0123258")
    np.testing.assert_array_equal([axis.images[0].get_array() for axis in axes], pixels[:, 0])


def test_sets_stand_below_training_on_one_scale_of_grey():
    rows = make_input_rows()
    figure = inputs.plot(rows, "What the network sees")
    shown = [axis for axis in panels(figure) if axis.images]
    assert [axis.get_ylabel() for axis in shown if axis.get_ylabel()] == [
        "training",
        "mine",
        "empty",
    ]
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


def test_raster_draws_one_marker_for_each_step_and_neuron_that_fired():
    read = make_reading()
    figure = raster.plot(read)
    points = next(c for c in figure.axes[0].collections if c.get_gid() == "spikes")
    assert len(points.get_offsets()) == np.count_nonzero(read.spikes)
    areas = points.get_sizes()
    counts = read.spikes[np.nonzero(read.spikes)]
    assert areas[counts == counts.max()].min() > areas[counts == 1].max()
    assert "the digit shown: 3" in said(figure)


@pytest.mark.parametrize("label", [None, "", float("nan")])
def test_raster_of_a_silent_network_without_a_label(label):
    figure = raster.plot(make_reading(20, label, silent=True))
    for part in ("No output spike", "no prediction", "the digit shown is not known"):
        assert part in said(figure)
    assert "the digit shown:" not in said(figure)


def test_raster_names_other_classes_and_of_many_only_some():
    few = Classes([f"c{k}" for k in range(10)])
    figure = raster.plot(make_reading(label="c3"), few)
    assert "the class shown: c3" in said(figure)
    assert "digit" not in said(figure)
    assert [one.get_text() for one in figure.axes[0].get_yticklabels()] == list(few.names)
    band = figure.axes[0].patches[0].get_extents().transformed(figure.axes[0].transData.inverted())
    assert (band.y0, band.y1) == pytest.approx((2.58, 3.42))
    many = Classes([f"c{k}" for k in range(100)])
    figure = raster.plot(make_reading(label=""), many)
    assert [one.get_text() for one in figure.axes[1].get_yticklabels()] == list(many.names[::5])


def test_a_matplotlibrc_of_the_users_changes_no_byte(tmp_path):
    def drawn(name: str) -> bytes:
        with styled():
            save(probes_figure.draw(make_probes()), tmp_path / name)
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


def test_changes_of_a_few_per_cent_have_labelled_ticks_beside_1():
    probes = make_probes()
    few = probes["amount"].where(probes["measure"] != "synops_change", 0.03)
    _, right = panels(probes_figure.draw(probes.assign(amount=few)))
    low, high = right.get_xlim()
    assert sum(low <= tick <= high for tick in right.get_xticks()) >= 3


def test_changes_beyond_a_limit_are_filled():
    figure = probes_figure.draw(make_probes())
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
