"""Figures of the simulated sensor: what they show, whatever they look like."""

import numpy as np
import pytest
from drawings import panels, said, texts
from simulated_tables import (
    make_calibration,
    make_failures,
    make_maps,
    make_pairs,
)

from dvs_snn.probes.calibration import UNITS
from dvs_snn.report.figures import calibration as calibration_figure
from dvs_snn.report.figures import failures as failures_figure
from dvs_snn.report.figures import twin_counts as twin_counts_figure
from dvs_snn.report.figures import twins as twins_figure
from dvs_snn.report.style import save

# --- calibration ----------------------------------------------------------------------------------


def artists(axis, gid):
    return [artist for artist in axis.get_children() if artist.get_gid() == gid]


def test_calibration_has_a_panel_a_quantity_with_every_scale():
    calibration = make_calibration()
    figure = calibration_figure.draw(calibration)
    assert [a.get_title() for a in panels(figure)] == list(calibration_figure.PANEL_TITLES.values())
    assert "n = 1 a scale" in said(figure)
    (segment,) = panels(figure)[0].containers[1].lines[2][0].get_segments()
    row = calibration.query("quantity == 'event_rate_keps' and scale == 8")
    assert segment[:, 1] == pytest.approx(row[["ours_low", "ours_high"]].to_numpy()[0])
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


def test_calibration_without_simulated_recordings_of_a_scale():
    calibration = make_calibration()
    ours = ["ours", "ours_low", "ours_high"]
    calibration.loc[calibration["scale"] == 4, ours] = np.nan
    figure = calibration_figure.draw(calibration)
    assert all(len(axis.containers) == 2 for axis in panels(figure))
    assert all(len(artists(axis, "real")) == 3 for axis in panels(figure))


# --- twins ----------------------------------------------------------------------------------------


def test_twin_counts_tell_the_halves_apart():
    pairs = make_pairs(n_per_digit=7)
    figure = twin_counts_figure.draw(pairs)
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
    title = panels(twin_counts_figure.draw(pairs))[3].get_title()
    assert title == f"3: r {correlation:.2f}, ratio {ratio:.2f}"


def test_twin_counts_of_few_symbols():
    pairs = make_pairs(n_per_digit=2)
    titles = texts(twin_counts_figure.draw(pairs[pairs["label"] < 9]))
    assert any(title.startswith("0: ratio") for title in titles)
    assert "9: no pair" in titles


def test_twins_show_the_digit_and_both_maps():
    symbols, rows = make_maps()
    axes = panels(twins_figure.plot(symbols, rows))
    shown = [axis.images[0].get_array() for axis in axes]
    for row, each in zip(rows.values(), (shown[:6], shown[6:12], shown[12:]), strict=True):
        np.testing.assert_array_equal(each, row)
    assert len({axis.images[0].get_clim() for axis in axes[6:]}) == 1
    assert [axis.get_title() for axis in axes[:6]] == symbols
    assert [axis.get_ylabel() for axis in axes[::6]] == list(rows)


def test_twins_without_real_recordings_say_so():
    figure = twins_figure.plot(*make_maps(real=False))
    assert len(panels(figure)) == 12
    assert "the real were not there" in said(figure)


def test_failures_say_what_was_shown_and_read_whatever_their_names_hold(tmp_path):
    frame, *read, _ = make_failures(1)[0]
    strange = (frame, *read, "$\\nonsense$ a_b")
    figure = failures_figure.plot([*make_failures(7), strange], "")
    assert len(panels(figure)) == 8
    assert panels(figure)[1].get_title() == "shown 1, read 6"
    assert panels(figure)[2].get_title() == "shown 2, silent"
    assert "scale08" in said(figure)
    save(figure, tmp_path / "a.svg")
