"""Figures of the simulated sensor: what they show, whatever they look like."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from test_figures import panels, said, texts

from dvs_snn.realism.quantities import TOLERANCES, UNITS, Quantities, calibration_table
from dvs_snn.report import figures, simulation_figures
from dvs_snn.report.conditions import condition, relative_synops

REAL = {
    4: (7.1, 0.50, 287, 0.958, 10.4, 4.6),
    8: (25.8, 0.538, 56.7, 0.955, 2.7, 2.6),
    16: (57.0, 0.523, 132, 0.981, 4.7, 4.1),
}


# --- tables, made up ------------------------------------------------------------------------------


def make_calibration(scales=(4, 8, 16)):
    """As the study makes it; the simulated recordings of scale 8 are too many by a third."""
    real = pd.DataFrame(
        [
            {"scale": scale, "quantity": quantity, "value": value, "n": 1, "duration_s": 2.0}
            for scale in scales
            for quantity, value in zip(UNITS, REAL[scale], strict=True)
        ]
    )
    random = np.random.default_rng(0)
    simulated = {
        scale: [
            Quantities(
                REAL[scale][0] * random.uniform(0.8, 1.2) * (1.33 if scale == 8 else 1),
                *(value * random.uniform(0.95, 1.05) for value in REAL[scale][1:]),
            )
            for _ in range(20)
        ]
        for scale in scales
    }
    return calibration_table(real, simulated)


def make_pairs(n_per_digit=12):
    random = np.random.default_rng(1)
    rows = []
    for digit in range(10):
        for k in range(1, n_per_digit + 1):
            real = random.uniform(2500, 5500) * (0.7 if digit == 1 else 1)
            rows.append(
                {
                    "symbol": f"{digit}/{k:04d}",
                    "label": digit,
                    "real_n_events": round(real),
                    "ours_n_events": round(1.05 * real + random.normal(0, 300)),
                }
            )
    return pd.DataFrame(rows)


def make_maps(n=6, real=True):
    random = np.random.default_rng(2)
    maps = []
    for digit in range(n):
        image = np.zeros((28, 28), dtype=np.uint8)
        image[6:22, 8 + digit : 12 + digit] = 255
        ours = random.poisson(0.3, (34, 34)).astype(float)
        ours[8:26, 10 + digit : 16 + digit] += random.poisson(12, (18, 6))
        found = ours + random.poisson(1, (34, 34)) if real else None
        maps.append((f"{digit}/0002", found, ours, image))
    return maps


CONDITIONS = (
    ("nominal", None),
    ("threshold", "halved"),
    ("threshold", "doubled"),
    ("mismatch", "0.1"),
    ("cutoff", "a third"),
    ("shot noise", "tenfold"),
    ("flicker", "off"),
    ("blur", "doubled"),
)


def make_sensitivity(seeds=(1, 2), variants=("plain",), conditions=CONDITIONS):
    rows = []
    for variant in variants:
        for seed in seeds:
            for i, (part, change) in enumerate(conditions):
                nominal = part == "nominal"
                difference = 0.0 if nominal else -0.012 * i + 0.004 * seed
                rows.append(
                    {
                        "variant": variant,
                        "seed": seed,
                        "part": part,
                        "change": change,
                        "accuracy": 0.953 + difference,
                        "accuracy_low": 0.93 + difference,
                        "accuracy_high": 0.97 + difference,
                        "difference": difference,
                        "difference_low": difference - (0 if nominal else 0.015),
                        "difference_high": difference + (0 if nominal else 0.015),
                        "synops_per_recording": 2.0e6 * (1 if nominal else 0.6 + 0.2 * i),
                        "n_symbols": 200,
                    }
                )
    return pd.DataFrame(rows)


def make_failures(n=7):
    random = np.random.default_rng(3)
    rows = []
    for i in range(n):
        frame = random.poisson(0.05, (64, 64))
        frame[15:50, 20 + i : 28 + i] += random.poisson(4, (35, 8))
        predicted = None if i == 2 else (i + 5) % 10
        rows.append((frame, i % 10, predicted, f"{i % 10}/mnist_{i % 10}_scale08_0012"))
    return rows


def every_figure():
    return {
        "calibration": lambda: simulation_figures.plot_calibration(make_calibration()),
        "twin_counts": lambda: simulation_figures.plot_twin_counts(make_pairs()),
        "twins": lambda: simulation_figures.plot_twins(make_maps()),
        "twins_simulated": lambda: simulation_figures.plot_twins(make_maps(real=False)),
        "sensitivity": lambda: simulation_figures.plot_sensitivity(make_sensitivity()),
        "failures": lambda: simulation_figures.plot_failures(make_failures(20)),
    }


# --- all of them ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(every_figure()))
def test_svg_repeats_byte_for_byte(tmp_path, name):
    draw = every_figure()[name]
    for copy in ("first.svg", "second.svg"):
        figures.save(draw(), tmp_path / copy)
    first = (tmp_path / "first.svg").read_bytes()
    assert first == (tmp_path / "second.svg").read_bytes()


@pytest.mark.parametrize("name", sorted(every_figure()))
def test_nothing_is_cut_off_and_text_is_large_enough(name):
    figure = every_figure()[name]()
    figure.canvas.draw()
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert min(box.x0, box.y0) >= -0.01
    assert box.x1 <= width + 0.01
    assert box.y1 <= height + 0.01
    sizes = [t.get_fontsize() for t in figure.findobj(matplotlib.text.Text) if t.get_text()]
    assert min(sizes) >= 9


@pytest.mark.parametrize("name", sorted(set(every_figure()) - {"sensitivity"}))
def test_what_is_simulated_is_called_so(name):
    assert "imulated" in said(every_figure()[name]())


@pytest.mark.parametrize("name", sorted(every_figure()))
def test_titles_of_panels_do_not_overlap(name):
    figure = every_figure()[name]()
    figure.canvas.draw()
    boxes = [axis.title.get_window_extent() for axis in figure.axes if axis.get_title()]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: simulation_figures.plot_calibration(make_calibration().iloc[:0]), "compared"),
        (lambda: simulation_figures.plot_calibration(pd.DataFrame()), "compared"),
        (lambda: simulation_figures.plot_twin_counts(pd.DataFrame()), "no symbol"),
        (lambda: simulation_figures.plot_twins([]), "no symbol"),
        (lambda: simulation_figures.plot_sensitivity(pd.DataFrame()), "no other sensor"),
        (lambda: simulation_figures.plot_failures([]), "no recording was misread"),
    ],
)
def test_nothing_to_show_is_said(draw, sentence):
    assert sentence in said(draw()).lower()


# --- calibration ----------------------------------------------------------------------------------


def artists(axis, gid):
    return [artist for artist in axis.get_children() if artist.get_gid() == gid]


def test_calibration_has_a_panel_a_quantity_with_every_scale():
    calibration = make_calibration()
    figure = simulation_figures.plot_calibration(calibration)
    assert [a.get_title() for a in panels(figure)] == list(simulation_figures.PANEL_TITLES.values())
    assert "n = 1 a scale" in said(figure)
    for axis, quantity in zip(panels(figure), UNITS, strict=True):
        assert [tick.get_text() for tick in axis.get_xticklabels()] == ["4", "8", "16"]
        assert len(artists(axis, "tolerance")) == 3
        real = [line.get_ydata()[0] for line in artists(axis, "real")]
        rows = calibration[calibration["quantity"] == quantity]
        assert real == rows["real"].tolist()
        assert len(axis.containers) == 3
        assert [bar.lines[0].get_ydata()[0] for bar in axis.containers] == rows["ours"].tolist()
        assert axis.get_yscale() == ("log" if quantity in ("event_rate_keps", "line_ratio") else
                                     "linear")  # fmt: skip


def test_calibration_bars_reach_from_the_5th_to_the_95th_percentile():
    calibration = make_calibration()
    axis = panels(simulation_figures.plot_calibration(calibration))[0]
    (segment,) = axis.containers[1].lines[2][0].get_segments()
    row = calibration[(calibration["quantity"] == "event_rate_keps") & (calibration["scale"] == 8)]
    assert segment[:, 1] == pytest.approx(row[["ours_low", "ours_high"]].to_numpy()[0])


@pytest.mark.parametrize("quantity", list(UNITS))
def test_tolerance_band_is_what_is_accepted(quantity):
    tolerance, real = TOLERANCES[quantity], 0.5
    low, high = simulation_figures.tolerance_band(tolerance, real)
    for inside, outside in ((low, low * 0.99), (high, high * 1.01)):
        assert tolerance.accepts(real, inside)
        assert not tolerance.accepts(real, outside)


def test_calibration_without_simulated_recordings_of_a_scale():
    calibration = make_calibration()
    ours = ["ours", "ours_low", "ours_high"]
    calibration.loc[calibration["scale"] == 4, ours] = np.nan
    figure = simulation_figures.plot_calibration(calibration)
    assert all(len(axis.containers) == 2 for axis in panels(figure))
    assert all(len(artists(axis, "real")) == 3 for axis in panels(figure))


# --- twins ----------------------------------------------------------------------------------------


def test_twin_counts_tell_the_halves_apart():
    pairs = make_pairs(n_per_digit=7)
    figure = simulation_figures.plot_twin_counts(pairs)
    assert len(panels(figure)) == 10
    for digit, axis in enumerate(panels(figure)):
        (odd,), (even,) = artists(axis, "odd"), artists(axis, "even")
        assert len(odd.get_offsets()) == 4
        assert len(even.get_offsets()) == 3
        first = pairs[pairs["symbol"] == f"{digit}/0002"]
        expected = first[["real_n_events", "ours_n_events"]].to_numpy()[0] / 1e3
        assert even.get_offsets().data[0].tolist() == pytest.approx(expected.tolist())
        (line,) = artists(axis, "equal")
        assert list(line.get_xdata()) == list(line.get_ydata())
    assert odd.get_paths()[0].vertices.shape != even.get_paths()[0].vertices.shape


def test_twin_counts_name_correlation_and_ratio_of_the_even_half():
    pairs = make_pairs()
    even = pairs[(pairs["label"] == 3) & (pairs["symbol"].str[-1].astype(int) % 2 == 0)]
    correlation = np.corrcoef(even["real_n_events"], even["ours_n_events"])[0, 1]
    ratio = even["ours_n_events"].sum() / even["real_n_events"].sum()
    title = panels(simulation_figures.plot_twin_counts(pairs))[3].get_title()
    assert title == f"3: r {correlation:.2f}, ratio {ratio:.2f}"


def test_twin_counts_of_few_symbols():
    pairs = make_pairs(n_per_digit=2)
    titles = texts(simulation_figures.plot_twin_counts(pairs[pairs["label"] < 9]))
    assert any(title.startswith("0: ratio") for title in titles)
    assert "9: no pair" in titles


def test_twins_show_the_digit_and_both_maps():
    figure = simulation_figures.plot_twins(make_maps())
    assert len(panels(figure)) == 18
    shown = [axis.images[0].get_array().shape for axis in panels(figure)]
    assert shown == [(28, 28)] * 6 + [(34, 34)] * 12
    assert {axis.images[0].get_clim() for axis in panels(figure)[6:]} == {
        panels(figure)[6].images[0].get_clim()
    }
    for text in ("drawn digit", "simulated", "real (N-MNIST)", "5/0002", "events per pixel"):
        assert text in texts(figure)


def test_twins_without_real_recordings_say_so():
    figure = simulation_figures.plot_twins(make_maps(real=False))
    assert len(panels(figure)) == 12
    assert "the real were not there" in said(figure)
    maps = make_maps()
    maps[2] = (maps[2][0], None, *maps[2][2:])
    assert texts(simulation_figures.plot_twins(maps)).count("not there") == 1


# --- sensitivity ----------------------------------------------------------------------------------


def test_sensitivity_has_a_row_a_condition_and_a_marker_a_seed():
    figure = simulation_figures.plot_sensitivity(make_sensitivity())
    left, right = panels(figure)
    names = [tick.get_text() for tick in left.get_yticklabels()]
    assert names[0] == "nominal"
    assert names[2] == "threshold doubled"
    assert len(names) == len(CONDITIONS)
    assert len(left.containers) == 2
    lines = artists(right, "synops")
    assert [len(line.get_xdata()) for line in lines] == [len(CONDITIONS)] * 2
    assert len({line.get_marker() for line in lines}) == 2
    assert artists(left, "zero")[0].get_xdata()[0] == 0
    assert {"seed 1", "seed 2", "95 % interval"} <= set(texts(figure))
    assert "200 symbols" in said(figure)
    # From the top down, and the first at its nominal: no difference, as many operations.
    assert left.get_ylim()[0] > left.get_ylim()[1]
    assert lines[0].get_xdata()[0] == 1


def test_sensitivity_shows_points_and_ratios():
    sensitivity = make_sensitivity(seeds=(1,))
    left, right = panels(simulation_figures.plot_sensitivity(sensitivity))
    drawn = left.containers[0].lines[0].get_xdata()
    assert drawn == pytest.approx(100 * sensitivity["difference"].to_numpy())
    assert artists(right, "synops")[0].get_xdata() == pytest.approx(
        sensitivity["synops_per_recording"].to_numpy() / 2.0e6
    )


def test_sensitivity_of_variants_and_without_a_nominal_sensor():
    figure = simulation_figures.plot_sensitivity(make_sensitivity(variants=("plain", "quantised")))
    assert {"variant plain", "variant quantised"} <= set(texts(figure))
    bare = make_sensitivity(conditions=CONDITIONS[1:3])
    assert relative_synops(bare).isna().all()
    assert "no nominal sensor" in said(simulation_figures.plot_sensitivity(bare))


def test_conditions_by_name():
    assert condition({"part": "threshold", "change": "doubled"}) == "threshold doubled"
    assert condition({"part": "nominal", "change": float("nan")}) == "nominal"
    assert condition({"part": "nominal", "change": "nominal"}) == "nominal"
    assert condition({"part": None, "change": ""}) == "nominal"
    assert condition({"part": "mismatch", "change": 0.1}) == "mismatch 0.1"


# --- failures -------------------------------------------------------------------------------------


def test_failures_say_what_was_shown_and_read():
    figure = simulation_figures.plot_failures(make_failures(7))
    assert len(panels(figure)) == 7
    assert panels(figure)[1].get_title() == "shown 1, read 6"
    assert panels(figure)[2].get_title() == "shown 2, silent"
    assert "scale08" in said(figure)


def test_failures_beyond_twenty_are_counted():
    rows = make_failures(23)
    figure = simulation_figures.plot_failures(rows, title="Misread: set test")
    assert len(panels(figure)) == 20
    assert "Misread: set test: 20 of 23" in said(figure)


def test_failures_take_frames_with_a_channel():
    frame, *rest = make_failures(1)[0]
    figure = simulation_figures.plot_failures([(frame[None], *rest)])
    assert panels(figure)[0].images[0].get_array().shape == (64, 64)


def test_captions_cannot_start_mathematics(tmp_path):
    frame, *rest, _ = make_failures(1)[0]
    figure = simulation_figures.plot_failures([(frame, *rest, "$\\nonsense$ a_b")])
    figures.save(figure, tmp_path / "a.svg")
