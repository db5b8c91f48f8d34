"""The figures show what the tables hold: axes, labels and data points, whatever they look like."""

import importlib
import re
import tracemalloc
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from drawings import curves, every_figure, make_events, make_spikes, panels, said, stars, texts
from pages import CONFIG, make_energy_tables
from result_tables import (
    CHANGES,
    N_RECORDINGS,
    POWER,
    SCALES,
    SEEDS,
    SETS,
    make_ablation,
    make_audit,
    make_evaluation,
    make_exits,
    make_frames_only_evaluation,
    make_front,
    make_layers,
    make_predictions,
    make_training,
    published_points,
)

from dvs_snn.report.figures import registry
from dvs_snn.report.figures.cost import audit as audit_figure
from dvs_snn.report.figures.cost import break_even as break_even_figure
from dvs_snn.report.figures.cost import decision as decision_figure
from dvs_snn.report.figures.recording import cloud as cloud_figure
from dvs_snn.report.figures.recording import raster as raster_figure
from dvs_snn.report.figures.recording import rate as rate_figure
from dvs_snn.report.figures.recording import strip as strip_figure
from dvs_snn.report.figures.registry import FIGURES_BY_FOLDER, about
from dvs_snn.report.figures.results import ablation as ablation_figure
from dvs_snn.report.figures.results import confusion as confusion_figure
from dvs_snn.report.figures.results import frames as frames_figure
from dvs_snn.report.figures.results import front as front_figure
from dvs_snn.report.figures.results import latency as latency_figure
from dvs_snn.report.figures.results import layers as layers_figure
from dvs_snn.report.figures.results import sweep as sweep_figure
from dvs_snn.report.figures.results import tradeoff as tradeoff_figure
from dvs_snn.report.figures.results import training as training_figure
from dvs_snn.report.style import GREY, save

# --- a small study, made up -----------------------------------------------------------------------


# --- what the figures say -------------------------------------------------------------------------


def test_every_figure_is_named_and_says_what_it_shows():
    folder = Path(registry.__file__).parent
    modules = {
        str(path.relative_to(folder).with_suffix(""))
        for path in folder.glob("*/*.py")
        if "\ndef draw(" in path.read_text(encoding="utf-8")
    }
    assert modules == {
        f"{folder}/{name}" for folder, names in FIGURES_BY_FOLDER.items() for name in names
    }
    for name in (name for names in FIGURES_BY_FOLDER.values() for name in names):
        said_of = about(name)
        module = importlib.import_module(said_of.module)
        assert said_of.caption == module.CAPTION
        assert said_of.caption.endswith(".")
        assert said_of.title
        assert re.match(r"\d \w+", said_of.category)
        assert said_of.inputs


@pytest.mark.parametrize("name", sorted(every_figure()))
def test_svg_repeats_byte_for_byte(tmp_path, name):
    draw = every_figure()[name]
    for copy in ("first.svg", "second.svg"):
        save(draw(), tmp_path / copy)
    first = (tmp_path / "first.svg").read_bytes()
    assert first == (tmp_path / "second.svg").read_bytes()
    assert b"<dc:date>" not in first
    assert b"<script" not in first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.svg", "second.svg"]


@pytest.mark.parametrize("name", sorted(every_figure()))
def test_nothing_is_cut_off(name):
    figure = every_figure()[name]()
    figure.canvas.draw()
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert box.x0 >= -0.01
    assert box.y0 >= -0.01
    assert box.x1 <= width + 0.01
    assert box.y1 <= height + 0.01


@pytest.mark.parametrize("name", sorted(every_figure()))
def test_text_is_large_enough_to_read(name):
    figure = every_figure()[name]()
    figure.canvas.draw()
    sizes = [t.get_fontsize() for t in figure.findobj(matplotlib.text.Text) if t.get_text()]
    assert min(sizes) >= 9


def test_png_is_written(tmp_path):
    save(training_figure.plot(make_training()), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_rcparams_are_left_alone(tmp_path):
    before = dict(matplotlib.rcParams)
    save(training_figure.plot(make_training()), tmp_path / "a.svg")
    assert dict(matplotlib.rcParams) == before


def test_strip_has_a_panel_a_moment_and_says_when():
    t, x, y, p = make_events(duration_us=1_200_000)
    figure = strip_figure.plot(t, x, y, p, (34, 34), True, "A", n_panels=4)
    assert len(panels(figure)) == 4
    # Four moments of 1.2 s: the first window is centred on 0.15 s and 33 ms wide.
    assert "0.133–0.166 s" in said(figure)
    assert "ON" in said(figure)
    assert "OFF" in said(figure)


def test_strip_of_a_short_recording_takes_its_share_of_time():
    t, x, y, p = make_events(duration_us=60_000)
    figure = strip_figure.plot(t, x, y, p, (34, 34), True, "A", n_panels=6)
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


@pytest.mark.parametrize("draw", ["strip", "rate", "cloud"])
def test_without_polarity_nobody_speaks_of_on_and_off(draw):
    t, x, y, _ = make_events()
    figure = {
        "strip": lambda: strip_figure.plot(t, x, y, None, (34, 34), False, "A"),
        "rate": lambda: rate_figure.plot(t, None, False, "A"),
        "cloud": lambda: cloud_figure.plot(t, x, y, None, (34, 34), False, "A"),
    }[draw]()
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
    figure = raster_figure.plot(spikes, running, sliding, 10, 3, "A")
    points = next(c for c in figure.axes[0].collections if c.get_gid() == "spikes")
    assert len(points.get_offsets()) == np.count_nonzero(spikes)
    areas = points.get_sizes()
    counts = spikes[np.nonzero(spikes)]
    assert (np.argsort(np.argsort(areas)) >= 0).all()
    assert areas[counts == counts.max()].min() > areas[counts == 1].max()
    assert "the digit shown: 3" in said(figure)


@pytest.mark.parametrize("label", [None, "", float("nan")])
def test_raster_of_a_silent_network_without_a_label(label):
    none = np.full(20, -1, dtype=np.int16)
    figure = raster_figure.plot(np.zeros((20, 10)), none, none, 10, label, "A")
    assert "No output spike" in said(figure)
    assert "no prediction" in said(figure)
    assert "the digit shown is not known" in said(figure)
    assert "the digit shown:" not in said(figure)


def test_raster_reads_labels_that_pandas_made_floats():
    figure = raster_figure.plot(*make_spikes(), 10, 3.0, "A")
    assert "the digit shown: 3" in said(figure)


def test_layer_bars_are_means_over_seeds_of_the_chosen_scale():
    layers = layers_figure.chosen_layers(make_layers(), make_evaluation())
    assert set(layers["scale"]) == {SCALES[-1]}
    figure = layers_figure.plot(layers)
    assert len(panels(figure)) == len(SETS)
    heights = [bar.get_height() for bar in panels(figure)[1].patches]
    # Spikes are 1000, 2000, 3000 times the seed; the mean of seeds 1 and 2 is 1.5; scale is 2.
    ours = [60 * 1000 * i * 1.5 * 2 / 1e6 for i in (1, 2, 3)]
    np.testing.assert_allclose(heights[:3], ours)
    np.testing.assert_allclose(heights[3:], np.asarray(ours) * 72 / 60)
    assert "conv1 (input)" in said(figure)


def test_audit_bars_are_layers_and_end_at_the_total():
    figure = audit_figure.plot(make_audit())
    (axis,) = panels(figure)
    ends = [bar.get_x() + bar.get_width() for bar in axis.patches]
    # A total alone, then conv1 and conv2 of each counter: ours, both of sinabs', NeuroBench.
    assert ends == pytest.approx([0, 0, 4, 0, 2, 2, 0, 1, 10, 10, 0, 2.5])
    counters = ["ours", "sinabs hooks", "sinabs model statistics", "NeuroBench"]
    assert [label.get_text() for label in axis.get_yticklabels()] == counters
    assert "× 1.000 × 1.000 × 0.400 × 0.250" in said(figure)


def test_layers_of_recordings_alone_get_a_panel_each():
    layers = make_layers(scales=(1.0,))
    figure = layers_figure.plot(layers[layers["set"].isna()])
    assert [axis.get_title().split()[0] for axis in panels(figure)] == ["A", "B"]


def test_chosen_layers_without_a_spiking_set_are_none():
    kept = layers_figure.chosen_layers(make_layers(), make_frames_only_evaluation())
    assert kept.empty
    assert "No spiking set" in said(layers_figure.plot(kept))


def test_sweep_draws_every_seed_and_stars_the_chosen_scale():
    figure = sweep_figure.plot(make_evaluation(), "test")
    top, bottom = panels(figure)
    assert len(curves(top, len(SCALES))) == 2
    assert len(stars(top)) == len(stars(bottom)) == 2
    assert stars(top)[0].get_xdata().tolist() == [2.0]
    assert stars(top)[0].get_ydata()[0] == pytest.approx(0.85)
    assert bottom.get_yscale() == "log"
    assert "20 recordings, 10 symbols" in said(figure)
    assert "95 % interval over symbols" in said(figure)


def test_sweep_shades_the_band_of_energies():
    power = {"energy_per_synop_pj": 10, "energy_band_pj": [0.9, 27], "static_power_mw": 0.01}
    figure = sweep_figure.plot(make_evaluation(seeds=(1,)), "test", power)
    band = panels(figure)[1].collections[0].get_paths()[0].vertices
    at_one = band[np.isclose(band[:, 0], 1.0)][:, 1]
    assert at_one.min() == pytest.approx(0.01 + 0.0737 * 0.09)
    assert at_one.max() == pytest.approx(0.01 + 0.0737 * 2.7)


def test_sweep_of_one_scale_and_one_seed(tmp_path):
    figure = sweep_figure.plot(make_evaluation(seeds=(1,), scales=(1.0,)), "test")
    save(figure, tmp_path / "a.svg")
    assert "1.00" in texts(figure)


def test_sweep_of_a_set_that_never_spiked_says_so():
    figure = sweep_figure.plot(make_frames_only_evaluation(), "frames")
    assert "No spiking network was run" in said(figure)


def test_sweep_bears_gaps():
    evaluation = make_evaluation()
    evaluation.loc[evaluation["scale"] == 0.5, ["accuracy", "accuracy_low", "power_mw"]] = np.nan
    evaluation["ann_accuracy"] = np.nan
    assert len(curves(panels(sweep_figure.plot(evaluation, "test"))[0], 2)) == 2


def test_tradeoff_has_a_panel_for_each_set_and_the_published_points():
    figure = tradeoff_figure.plot(make_evaluation(), published_points())
    assert [axis.get_title().split(":")[0] for axis in panels(figure)] == list(SETS)
    axis = panels(figure)[0]
    assert axis.get_xscale() == "log"
    assert len(stars(axis)) == 2
    diamonds = [line for line in axis.lines if line.get_marker() == "D"]
    assert [line.get_xdata()[0] for line in diamonds] == [2.9e6, 2.9e6]
    published = [line for line in axis.lines if line.get_color() == GREY]
    assert sorted(len(line.get_xdata()) for line in published) == [1, 2]
    assert "Sorbaro et al. 2020, MNIST-DVS scale 16" in said(figure)


def test_both_networks_cost_the_same_on_the_lines_of_break_even():
    tables = make_energy_tables(make_evaluation())
    figure = break_even_figure.plot(tables["break_even"], tables["chips"], CONFIG["power"])
    (axis,) = panels(figure)
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    lines = curves(axis, 50)
    assert len(lines) == 2
    for line in lines:
        # M MACs at one price, S SynOps at the other.
        np.testing.assert_allclose(2.9 * line.get_xdata(), 3.015 * line.get_ydata())
    dots = [(x.get_xdata()[0], x.get_ydata()[0]) for x in axis.lines if x.get_marker() == "o"]
    assert sorted(dots) == [(0.23, 0.03), (4.6, 0.9)]
    ticks = [line.get_ydata()[0] for line in axis.lines if line.get_marker() == "_"]
    assert (len(ticks), max(ticks)) == (8, pytest.approx(105.409, abs=1e-3))
    assert "rescaled, test: 1 SynOps per MAC" in said(figure)


def test_break_even_without_a_set_says_so():
    tables = make_energy_tables(make_frames_only_evaluation().assign(chosen=0))
    figure = break_even_figure.plot(tables["break_even"], tables["chips"], CONFIG["power"])
    assert "can't be compared" in said(figure)
    assert "not known" in said(decision_figure.plot(tables["costs"]))


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


def test_published_points_that_differ_in_a_number_are_one_line():
    points = pd.DataFrame(
        {
            "series": ["baseline", "rescaled 0.60", "rescaled 0.50"],
            "accuracy": [0.963, 0.953, 0.938],
            "synops": [3.88e6, 2.03e6, 1.63e6],
        }
    )
    figure = tradeoff_figure.plot(make_evaluation(), points)
    line = next(
        x for x in panels(figure)[0].lines if x.get_color() == GREY and len(x.get_xdata()) == 2
    )
    assert line.get_xdata().tolist() == [1.63e6, 2.03e6]
    assert "scale 16: rescaled" in said(figure)
    assert "0.60" not in said(figure)


def test_stars_say_whether_the_scale_was_chosen_on_validation():
    assert "chosen on validation" in said(sweep_figure.plot(make_evaluation(), "test"))
    alone = sweep_figure.plot(make_evaluation(sets=("extra",)), "extra")
    assert "the nearest to 1" in said(alone)


def test_tradeoff_without_published_points_or_spiking_sets():
    assert "Sorbaro" not in said(tradeoff_figure.plot(make_evaluation(), None))
    figure = tradeoff_figure.plot(make_frames_only_evaluation(), published_points())
    assert "No spiking set was evaluated" in said(figure)


def test_latency_shows_each_quoted_network_and_the_one_that_early_exit_chose():
    figure = latency_figure.plot(make_exits(), make_evaluation())
    # Validation chose all of it, so the figure shows the other sets.
    assert [axis.get_title().split(":")[0] for axis in panels(figure)] == ["test", "extra"]
    axis = panels(figure)[0]
    assert axis.get_xscale() == "log"
    quoted, thin = (
        [line for line in curves(axis, 4) if line.get_linewidth() == width] for width in (1.6, 0.8)
    )
    # One line a seed: the quoted scale is 2.0, the scale that early exit chose 0.5.
    for lines, scale in ((quoted, 2.0), (thin, 0.5)):
        assert len(lines) == len(SEEDS)
        for line in lines:
            assert line.get_xdata().tolist() == [3e5 * scale * n for n in (1, 2, 3, 4)]
    # Its lead of 4 is the second.
    assert [star.get_xdata().tolist() for star in stars(axis)] == [[3e5], [3e5]]
    ends = [line for line in axis.lines if line.get_marker() == "s"]
    assert sorted(line.get_xdata()[0] for line in ends) == [6e5, 6e5, 2.4e6, 2.4e6]
    assert "early exit chosen on validation" in said(figure)


def test_latency_without_a_choice_or_sets():
    without = make_exits(chosen=(0.5, 99))
    figure = latency_figure.plot(without, make_evaluation())
    assert not any(stars(axis) for axis in panels(figure))
    assert "chosen on validation" not in said(figure)
    nothing = latency_figure.plot(make_exits().iloc[:0], make_evaluation().iloc[:0])
    assert "No spiking set was evaluated" in said(nothing)


def test_frames_stand_beside_spiking_sets_without_a_panel():
    both = pd.concat([make_frames_only_evaluation(), make_evaluation(sets=("extra",))])
    assert len(panels(tradeoff_figure.plot(both, None))) == 1


def test_the_front_has_a_panel_for_each_test_set_and_what_stands_beside():
    figure = front_figure.plot(make_front(), POWER)
    assert [axis.get_title().split(":")[0] for axis in panels(figure)] == ["test", "saccades-test"]
    axis = panels(figure)[0]
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    # One point a method was chosen; its bar is the Wilson interval of the share misread.
    large = [line for line in axis.lines if line.get_markersize() == 10]
    assert len(large) == 4
    front = make_front()
    of_set = front[(front["set"] == "test") & front["seed"].isna()]
    chosen = of_set[of_set["chosen"] == 1].set_index("method")
    drawn = {round(line.get_xdata()[0]): line.get_ydata()[0] for line in large}
    for method in ("rescaled", "synop-loss", "bptt", "early-exit"):
        row = chosen.loc[method]
        assert drawn[round(row["synops_per_3000_events"])] == pytest.approx(1 - row["accuracy"])
    bars = [bar.get_segments()[0] for bar in axis.collections if hasattr(bar, "get_segments")]
    row = chosen.loc["rescaled"]
    bar = next(b for b in bars if np.isclose(b[0, 0], row["synops_per_3000_events"]))
    ends = sorted(bar[:, 1])
    assert ends == pytest.approx([1 - row["accuracy_high"], 1 - row["accuracy_low"]])
    # Of four methods three seeds each, thinner than their means.
    thin = [line for line in axis.lines if line.get_linewidth() == 0.7]
    assert len(thin) == 4 * 3
    # The CNN at 2.9 M MACs, and six published points.
    diamond = next(line for line in axis.lines if line.get_marker() == "D")
    assert diamond.get_xdata().tolist() == [2.9e6]
    assert diamond.get_ydata()[0] == pytest.approx(1 - 0.9125)
    hollow = [line for line in axis.lines if line.get_color() == GREY and line.get_marker() == "s"]
    assert [len(line.get_xdata()) for line in hollow] == [6]


def test_the_front_tells_milliwatts_and_microjoules_of_the_same_points():
    figure = front_figure.plot(make_front(), POWER)
    milliwatts, microjoules = panels(figure)[0].child_axes
    low, high = panels(figure)[0].get_xlim()
    figure.canvas.draw()
    # 20,000 events a second at 10 pJ; 2 SynOps a decision for each one per 3,000 events.
    assert milliwatts.get_xlim()[1] == pytest.approx(high / 3000 * 20_000 * 1e-8)
    assert microjoules.get_xlim()[0] == pytest.approx(low * 2 * 1e-5)


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
    assert front_figure.joined(rows).tolist() == [True, True, True, False] * 4
    alone = rows[rows["set"] == "test"]
    assert front_figure.joined(alone).tolist() == [False, True, False, True] * 2


def test_the_front_of_a_study_without_spiking_sets_says_so():
    front = make_front()
    assert "No spiking set" in said(front_figure.plot(front[front["set"] == ""], POWER))


def test_sweep_and_trade_off_show_rescaling_alone():
    evaluation = make_evaluation(("plain", "lean"), methods={"lean": "synop-loss"})
    figures = (sweep_figure.plot(evaluation, "test"), tradeoff_figure.plot(evaluation, None))
    for figure in figures:
        assert len(stars(panels(figure)[0])) == len(SEEDS)
        assert "lean" not in said(figure)


def test_confusion_counts_by_hand():
    counts = confusion_figure.confusion_counts(
        pd.DataFrame({"label": [1, 1, 2, None, 0], "predicted": [1.0, None, 7.0, 3.0, 0.0]})
    )
    assert counts.shape == (10, 11)
    assert counts[1, 1] == counts[1, 10] == counts[2, 7] == counts[0, 0] == 1
    assert counts.sum() == 4


def test_confusion_adds_seeds_at_the_chosen_scale():
    figure = confusion_figure.plot(make_predictions())
    axis = panels(figure)[1]
    numbers = [int(text.get_text()) for text in axis.texts]
    assert sum(numbers) == N_RECORDINGS["test"] * len(SEEDS)
    assert "20 recordings, 2 seeds added up" in axis.get_title()
    assert "silent" in said(figure)


@pytest.mark.parametrize("rows", [make_predictions().iloc[:0], make_predictions()])
def test_confusion_without_labels_says_so(rows):
    figure = confusion_figure.plot(rows.assign(label=None))
    assert "No labelled recording" in said(figure)


def test_a_matplotlibrc_of_the_users_changes_no_byte(tmp_path):
    def drawn(name: str) -> bytes:
        save(sweep_figure.plot(make_evaluation(), "test"), tmp_path / name)
        return (tmp_path / name).read_bytes()

    own = {
        "font.size": 20, "axes.linewidth": 4, "svg.fonttype": "none", "lines.markersize": 12,
        "axes.formatter.use_locale": True, "savefig.bbox": "tight", "path.simplify": False,
    }  # fmt: skip
    plain = drawn("plain.svg")
    with matplotlib.rc_context(own):
        assert drawn("own.svg") == plain
        assert matplotlib.rcParams["font.size"] == 20


def test_changes_beyond_a_limit_are_filled():
    figure = ablation_figure.plot(make_ablation())
    left, right = panels(figure)
    names = [label.get_text() for label in left.get_yticklabels()]
    assert names == [f"{part}: {value}" for part, value in CHANGES[1:]]
    for axis, gid, expected in (
        (left, "difference", {-3.0: True, 1.0: False, 2.0: False}),
        (right, "synops_change", {10.0: False, -5.0: False, 30.0: True}),
    ):
        filled = {}
        for line in axis.lines:
            if line.get_gid() == gid:
                is_filled = line.get_markerfacecolor() != "none"
                filled |= dict.fromkeys(np.round(line.get_xdata(), 6).tolist(), is_filled)
        assert filled == expected
    # Two sets, two methods and two seeds, each with filled and hollow marks of three changes.
    marks = [line for line in left.lines if line.get_gid() == "difference"]
    assert sum(len(line.get_xdata()) for line in marks) == 3 * 8
    limits = [line.get_xdata()[0] for line in right.lines if line.get_gid() == "limit"]
    assert limits == [-10, 10]


def test_without_a_quoted_network_the_figure_says_so():
    empty = make_ablation().iloc[:0]
    assert "No network was quoted." in said(ablation_figure.plot(empty))
