"""The figures show what the tables hold: axes, labels and data points, whatever they look like."""

import tracemalloc

import matplotlib
import numpy as np
import pandas as pd
import pytest

from dvs_snn.report import figures

SCALES = (0.5, 1.0, 2.0)
SEEDS = (1, 2)
SETS = ("validation", "test", "extra")
LAYERS = ("conv1", "conv2", "fc1")
N_RECORDINGS = {"validation": 10, "test": 20, "extra": 4}


# --- a small study, made up -----------------------------------------------------------------------


def make_evaluation(variants=("plain",), seeds=SEEDS, scales=SCALES, sets=SETS):
    rows = []
    for name in sets:
        for variant in variants:
            for seed in seeds:
                for i, scale in enumerate(scales):
                    accuracy = 0.4 + 0.2 * i + 0.05 * seed
                    rows.append(
                        {
                            "set": name,
                            "variant": variant,
                            "seed": seed,
                            "scale": scale,
                            "chosen": int(scale == scales[-1]),
                            "n_recordings": N_RECORDINGS[name],
                            "n_symbols": N_RECORDINGS[name] // 2,
                            "accuracy": accuracy,
                            "accuracy_low": accuracy - 0.15,
                            "accuracy_high": min(accuracy + 0.1, 1.0),
                            "ann_accuracy": 0.9125,
                            "silent_fraction": 0.1 if i == 0 else 0.0,
                            "tied_fraction": 0.05,
                            "synops_per_recording": 2.5e6 * scale,
                            "synops_per_3000_events": 1.5e6 * scale + 1e4 * seed,
                            "synops_per_event": 500 * scale,
                            "power_mw": 0.0837 * scale,
                            "energy_uj": 25.0 * scale,
                            "ann_macs_per_3000_events": 2.9e6,
                            "n_frames": 3 * N_RECORDINGS[name],
                            "ann_accuracy_low": 0.82,
                            "ann_accuracy_high": 0.95,
                            "time_to_decision_ms": 120.0,
                            # At 10 pJ a SynOp these events make the power above.
                            "event_rate_hz": 16_740.0,
                            "chosen_any": int(scale == scales[-1]),
                        }
                    )
    return pd.DataFrame(rows)


def make_frames_only_evaluation():
    """What the tutorial's frames alone give: an accuracy of the CNN, nothing that spikes."""
    rows = make_evaluation(sets=("validation",), scales=(1.0,)).assign(
        set="frames", n_recordings=0, n_symbols=0
    )
    kept = ["set", "variant", "seed", "n_recordings", "n_symbols", "n_frames"]
    kept += ["ann_accuracy", "ann_accuracy_low", "ann_accuracy_high"]
    return rows[kept].reindex(columns=rows.columns)


def make_layers(seeds=SEEDS, scales=SCALES):
    rows = []
    for name, recording in [(s, None) for s in SETS] + [(None, "A"), (None, "B")]:
        for seed in seeds:
            for scale in scales:
                for i, layer in enumerate(LAYERS):
                    spikes = 1000 * (i + 1) * seed
                    rows.append(
                        {
                            "set": name,
                            "recording": recording,
                            "variant": "plain",
                            "seed": seed,
                            "scale": scale,
                            "layer": layer,
                            "spikes_in": spikes,
                            "spikes_out": spikes // 2,
                            "fanout_nominal": 72,
                            "synops": 60 * spikes * scale,
                            "synops_nominal": 72 * spikes * scale,
                            "synops_per_s": 120 * spikes * scale,
                        }
                    )
    return pd.DataFrame(rows)


def make_training(variants=("plain",), seeds=SEEDS, epochs=3):
    return pd.DataFrame(
        [
            {
                "variant": variant,
                "seed": seed,
                "epoch": epoch,
                "loss": 2.3 / epoch + 0.1 * seed,
                "train_accuracy": 0.3 * epoch,
                "validation_accuracy": 0.28 * epoch,
            }
            for variant in variants
            for seed in seeds
            for epoch in range(1, epochs + 1)
        ]
    )


def make_predictions():
    rows = []
    for name in ("validation", "test"):
        for seed in SEEDS:
            for scale in SCALES:
                for i in range(N_RECORDINGS[name]):
                    silent = i == 3
                    rows.append(
                        {
                            "set": name,
                            "variant": "plain",
                            "seed": seed,
                            "scale": scale,
                            "recording": f"{name}-{i}",
                            "symbol": f"s{i}",
                            "label": i % 10,
                            "predicted": None if silent else (i % 10 if i != 4 else 9),
                            "ann_predicted": i % 10,
                            "silent": int(silent),
                            "tied": 0,
                            "chosen": int(scale == SCALES[-1]),
                        }
                    )
    return pd.DataFrame(rows)


def make_events(n=5000, duration_us=300_000, seed=0):
    """A bright dot that goes round in a circle on a 34 x 34 sensor: (t, x, y, p)."""
    random = np.random.default_rng(seed)
    t = np.sort(random.integers(0, duration_us, n))
    angle = 2 * np.pi * t / duration_us
    x = np.clip(17 + 9 * np.cos(angle) + random.normal(0, 1.5, n), 0, 33).astype(np.uint16)
    y = np.clip(17 + 9 * np.sin(angle) + random.normal(0, 1.5, n), 0, 33).astype(np.uint16)
    return t, x, y, random.random(n) < 0.55


def make_spikes(steps=30, digit=3, seed=0):
    """Output spikes (time, 10) of a network that soon settles on `digit`, and its predictions."""
    spikes = np.random.default_rng(seed).poisson(0.05, (steps, 10)).astype(np.uint32)
    spikes[4:, digit] += 2
    spikes[:2] = 0
    running = np.where(spikes.cumsum(0).max(1) > 0, spikes.cumsum(0).argmax(1), -1)
    return spikes, running.astype(np.int16), running.astype(np.int16)


def published_points():
    return pd.DataFrame(
        {
            "series": ["first layer rescaled"] * 2 + ["baseline"],
            "accuracy": [0.953, 0.938, 0.963],
            "synops": [2.03e6, 1.63e6, 3.88e6],
        }
    )


# --- what the figures say -------------------------------------------------------------------------


def texts(figure):
    """All text of a figure, drawn once so that ticks have their labels."""
    figure.canvas.draw()
    found = figure.findobj(matplotlib.text.Text)
    return [text.get_text() for text in found if text.get_text()]


def said(figure):
    return " ".join(" ".join(texts(figure)).split())


def panels(figure):
    return [axis for axis in figure.axes if axis.get_label() != "<colorbar>"]


def curves(axis, n_points):
    """Lines of `n_points` finite points, error bars and stars aside."""
    return [
        line
        for line in axis.lines
        if len(line.get_xdata()) == n_points and line.get_linestyle() not in ("None", "none")
    ]


def stars(axis):
    return [line for line in axis.lines if line.get_marker() == "*" and len(line.get_xdata())]


def every_figure():
    t, x, y, p = make_events()
    spikes, running, sliding = make_spikes()
    frames = np.random.default_rng(0).poisson(0.3, (10, 1, 64, 64)).astype(np.uint8)
    layers = figures.chosen_layers(make_layers(), make_evaluation())
    return {
        "strip": lambda: figures.plot_event_strip(t, x, y, p, (34, 34), True, "A"),
        "cloud": lambda: figures.plot_event_cloud(t, x, y, p, (34, 34), True, "A"),
        "rate": lambda: figures.plot_event_rate(t, p, True, "A"),
        "frames": lambda: figures.plot_training_frames(frames, list(range(10)), "Frames"),
        "training": lambda: figures.plot_training_curves(make_training()),
        "raster": lambda: figures.plot_output_raster(spikes, running, sliding, 10, 3, "A"),
        "layers": lambda: figures.plot_layer_synops(layers),
        "sweep": lambda: figures.plot_sweep(make_evaluation(), "test"),
        "tradeoff": lambda: figures.plot_tradeoff(make_evaluation(), published_points()),
        "confusion": lambda: figures.plot_confusion(make_predictions()),
    }


@pytest.mark.parametrize("name", sorted(every_figure()))
def test_svg_repeats_byte_for_byte(tmp_path, name):
    draw = every_figure()[name]
    for copy in ("first.svg", "second.svg"):
        figures.save(draw(), tmp_path / copy)
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


def test_png_is_written_and_other_suffixes_are_refused(tmp_path):
    figure = figures.plot_training_curves(make_training())
    figures.save(figure, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"svg or \.png"):
        figures.save(figure, tmp_path / "a.pdf")


def test_rcparams_are_left_alone(tmp_path):
    before = dict(matplotlib.rcParams)
    figures.save(figures.plot_training_curves(make_training()), tmp_path / "a.svg")
    assert dict(matplotlib.rcParams) == before


def test_strip_has_a_panel_a_moment_and_says_when():
    t, x, y, p = make_events(duration_us=1_200_000)
    figure = figures.plot_event_strip(t, x, y, p, (34, 34), True, "A", n_panels=4)
    assert len(panels(figure)) == 4
    # Four moments of 1.2 s: the first window is centred on 0.15 s and 33 ms wide.
    assert "0.133–0.166 s" in said(figure)
    assert "ON" in said(figure)
    assert "OFF" in said(figure)


def test_strip_of_a_short_recording_takes_its_share_of_time():
    t, x, y, p = make_events(duration_us=60_000)
    figure = figures.plot_event_strip(t, x, y, p, (34, 34), True, "A", n_panels=6)
    assert "events of 10 ms" in said(figure)


def test_strip_places_an_event_in_its_pixel():
    t = np.array([0, 1000])
    figure = figures.plot_event_strip(
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
        "strip": lambda: figures.plot_event_strip(t, x, y, None, (34, 34), False, "A"),
        "rate": lambda: figures.plot_event_rate(t, None, False, "A"),
        "cloud": lambda: figures.plot_event_cloud(t, x, y, None, (34, 34), False, "A"),
    }[draw]()
    assert "OFF" not in said(figure)


@pytest.mark.parametrize("n", [0, 1])
def test_recordings_of_no_or_one_event_are_drawn(tmp_path, n):
    t = np.zeros(n, dtype=np.int64)
    for figure in (
        figures.plot_event_strip(t, t, t, t, (34, 34), True, "A"),
        figures.plot_event_cloud(t, t, t, t, (34, 34), True, "A"),
        figures.plot_event_rate(t, t, True, "A"),
    ):
        figures.save(figure, tmp_path / "a.svg")
        assert ("no event" in said(figure)) == (n == 0)


def test_cloud_thins_evenly():
    t, x, y, p = make_events(n=5000)
    figure = figures.plot_event_cloud(t, x, y, p, (34, 34), True, "A", max_points=1000)
    drawn = sum(len(points.get_offsets()) for points in figure.axes[0].collections)
    assert drawn == 1000
    assert "1,000 of 5,000 events" in said(figure)


def test_rate_adds_up_to_the_events():
    t, _, _, p = make_events(n=5000, duration_us=303_000)
    figure = figures.plot_event_rate(t, p, True, "A", bin_ms=10)
    total = 0.0
    for patch in figure.axes[0].patches:
        values, edges, _ = patch.get_data()
        total += (values * 1e3 * np.diff(edges)).sum()
    assert total == pytest.approx(5000)


def test_a_file_that_claims_any_sensor_and_any_duration_is_drawn_small():
    t, xy, p = np.array([0, 2**62]), np.array([0, 65_535]), np.array([True, False])
    tracemalloc.start()
    rate = figures.plot_event_rate(t, p, True, "A")
    for size in ((65_536, 65_536), (1, 65_536), (65_536, 1)):
        x, y = np.minimum(xy, size[0] - 1), np.minimum(xy, size[1] - 1)
        strip = figures.plot_event_strip(t, x, y, p, size, True, "A")
        assert max(strip.get_size_inches()) < 20
    assert tracemalloc.get_traced_memory()[1] < 150 * 2**20
    tracemalloc.stop()
    (axis,) = rate.axes
    assert len(axis.patches[0].get_data().values) <= figures.MAX_RATE_BINS


def test_frames_grid_has_a_panel_and_a_label_each():
    frames = np.zeros((7, 1, 64, 64), dtype=np.uint8)
    frames[2, 0, 3, 4] = 200
    figure = figures.plot_training_frames(frames, [0, 1, 2, 3, float("nan"), "", "8"], "Frames")
    titles = [axis.get_title() for axis in panels(figure)]
    assert titles == ["0", "1", "2", "3", "?", "?", "8"]
    assert "events per pixel" in said(figure)


def test_training_curves_have_a_line_for_each_run():
    figure = figures.plot_training_curves(make_training(variants=("plain", "quantised")))
    assert len(panels(figure)) == 3
    for axis in panels(figure):
        assert len(axis.lines) == 4
        assert len({line.get_color() for line in axis.lines}) == 2
        assert len({line.get_linestyle() for line in axis.lines}) == 2
    np.testing.assert_allclose(panels(figure)[1].lines[0].get_ydata(), [0.3, 0.6, 0.9])


def test_raster_draws_one_marker_for_each_step_and_neuron_that_fired():
    spikes, running, sliding = make_spikes()
    figure = figures.plot_output_raster(spikes, running, sliding, 10, 3, "A")
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
    figure = figures.plot_output_raster(np.zeros((20, 10)), none, none, 10, label, "A")
    assert "No output spike" in said(figure)
    assert "no prediction" in said(figure)
    assert "nobody said" in said(figure)
    assert "the digit shown" not in said(figure)


def test_raster_reads_labels_that_pandas_made_floats():
    figure = figures.plot_output_raster(*make_spikes(), 10, 3.0, "A")
    assert "the digit shown: 3" in said(figure)


def test_layer_bars_are_means_over_seeds_of_the_chosen_scale():
    layers = figures.chosen_layers(make_layers(), make_evaluation())
    assert set(layers["scale"]) == {SCALES[-1]}
    figure = figures.plot_layer_synops(layers)
    assert len(panels(figure)) == len(SETS)
    heights = [bar.get_height() for bar in panels(figure)[1].patches]
    # Spikes are 1000, 2000, 3000 times the seed; the mean of seeds 1 and 2 is 1.5; scale is 2.
    ours = [60 * 1000 * i * 1.5 * 2 / 1e6 for i in (1, 2, 3)]
    np.testing.assert_allclose(heights[:3], ours)
    np.testing.assert_allclose(heights[3:], np.asarray(ours) * 72 / 60)
    assert "conv1 (input)" in said(figure)


def test_layers_of_two_scales_are_refused():
    with pytest.raises(ValueError, match="several scales"):
        figures.plot_layer_synops(make_layers())


def test_layers_of_recordings_alone_get_a_panel_each():
    layers = make_layers(scales=(1.0,))
    figure = figures.plot_layer_synops(layers[layers["set"].isna()])
    assert [axis.get_title().split()[0] for axis in panels(figure)] == ["A", "B"]


def test_chosen_layers_without_a_spiking_set_are_none():
    kept = figures.chosen_layers(make_layers(), make_frames_only_evaluation())
    assert kept.empty
    assert "No spiking set" in said(figures.plot_layer_synops(kept))


def test_sweep_draws_every_seed_and_stars_the_chosen_scale():
    figure = figures.plot_sweep(make_evaluation(), "test")
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
    figure = figures.plot_sweep(make_evaluation(seeds=(1,)), "test", power)
    band = panels(figure)[1].collections[0].get_paths()[0].vertices
    at_one = band[np.isclose(band[:, 0], 1.0)][:, 1]
    assert at_one.min() == pytest.approx(0.01 + 0.0737 * 0.09)
    assert at_one.max() == pytest.approx(0.01 + 0.0737 * 2.7)


def test_sweep_of_one_scale_and_one_seed(tmp_path):
    figure = figures.plot_sweep(make_evaluation(seeds=(1,), scales=(1.0,)), "test")
    figures.save(figure, tmp_path / "a.svg")
    assert "1.00" in texts(figure)


def test_sweep_of_a_set_that_never_spiked_says_so():
    figure = figures.plot_sweep(make_frames_only_evaluation(), "frames")
    assert "No spiking network was run" in said(figure)


def test_sweep_bears_gaps():
    evaluation = make_evaluation()
    evaluation.loc[evaluation["scale"] == 0.5, ["accuracy", "accuracy_low", "power_mw"]] = np.nan
    evaluation["ann_accuracy"] = np.nan
    assert len(curves(panels(figures.plot_sweep(evaluation, "test"))[0], 2)) == 2


def test_tradeoff_has_a_panel_for_each_set_and_the_published_points():
    figure = figures.plot_tradeoff(make_evaluation(), published_points())
    assert [axis.get_title().split(":")[0] for axis in panels(figure)] == list(SETS)
    axis = panels(figure)[0]
    assert axis.get_xscale() == "log"
    assert len(stars(axis)) == 2
    diamonds = [line for line in axis.lines if line.get_marker() == "D"]
    assert [line.get_xdata()[0] for line in diamonds] == [2.9e6, 2.9e6]
    published = [line for line in axis.lines if line.get_color() == figures.GREY]
    assert sorted(len(line.get_xdata()) for line in published) == [1, 2]
    assert "Sorbaro et al. 2020, MNIST-DVS scale 16" in said(figure)


def test_published_points_that_differ_in_a_number_are_one_line():
    points = pd.DataFrame(
        {
            "series": ["baseline", "rescaled 0.60", "rescaled 0.50"],
            "accuracy": [0.963, 0.953, 0.938],
            "synops": [3.88e6, 2.03e6, 1.63e6],
        }
    )
    figure = figures.plot_tradeoff(make_evaluation(), points)
    line = next(
        x
        for x in panels(figure)[0].lines
        if x.get_color() == figures.GREY and len(x.get_xdata()) == 2
    )
    assert line.get_xdata().tolist() == [1.63e6, 2.03e6]
    assert "scale 16: rescaled" in said(figure)
    assert "0.60" not in said(figure)


def test_stars_say_whether_the_scale_was_chosen_on_validation():
    assert "chosen on validation" in said(figures.plot_sweep(make_evaluation(), "test"))
    alone = figures.plot_sweep(make_evaluation(sets=("extra",)), "extra")
    assert "the nearest to 1" in said(alone)


def test_tradeoff_without_published_points_or_spiking_sets():
    assert "Sorbaro" not in said(figures.plot_tradeoff(make_evaluation(), None))
    figure = figures.plot_tradeoff(make_frames_only_evaluation(), published_points())
    assert "No spiking set was evaluated" in said(figure)


def test_frames_stand_beside_spiking_sets_without_a_panel():
    both = pd.concat([make_frames_only_evaluation(), make_evaluation(sets=("extra",))])
    assert len(panels(figures.plot_tradeoff(both, None))) == 1


def test_confusion_counts_by_hand():
    counts = figures.confusion_counts(
        pd.DataFrame({"label": [1, 1, 2, None, 0], "predicted": [1.0, None, 7.0, 3.0, 0.0]})
    )
    assert counts.shape == (10, 11)
    assert counts[1, 1] == counts[1, 10] == counts[2, 7] == counts[0, 0] == 1
    assert counts.sum() == 4


def test_confusion_adds_seeds_at_the_chosen_scale():
    figure = figures.plot_confusion(make_predictions())
    axis = panels(figure)[1]
    numbers = [int(text.get_text()) for text in axis.texts]
    assert sum(numbers) == N_RECORDINGS["test"] * len(SEEDS)
    assert "20 recordings, 2 seeds added up" in axis.get_title()
    assert "silent" in said(figure)


@pytest.mark.parametrize("rows", [make_predictions().iloc[:0], make_predictions()])
def test_confusion_without_labels_says_so(rows):
    figure = figures.plot_confusion(rows.assign(label=None))
    assert "No labelled recording" in said(figure)


def test_a_matplotlibrc_of_the_users_changes_no_byte(tmp_path):
    def drawn(name: str) -> bytes:
        figures.save(figures.plot_sweep(make_evaluation(), "test"), tmp_path / name)
        return (tmp_path / name).read_bytes()

    own = {
        "font.size": 20, "axes.linewidth": 4, "svg.fonttype": "none", "lines.markersize": 12,
        "axes.formatter.use_locale": True, "savefig.bbox": "tight", "path.simplify": False,
    }  # fmt: skip
    plain = drawn("plain.svg")
    with matplotlib.rc_context(own):
        assert drawn("own.svg") == plain
        assert matplotlib.rcParams["font.size"] == 20
