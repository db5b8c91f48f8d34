"""Where recordings are misread: made-up readings whose counts are known by hand."""

import pandas as pd
import pytest
from pages import SIMULATED, make_study, words

from dvs_snn.evaluation.statistics import paired_interval
from dvs_snn.report.sections import breaking
from dvs_snn.report.table import table_html
from dvs_snn.report.text import points

SHOWN = {name: name for name in ("set", "which", "n", "events", "read", "twins", "points")}
N = 40
"""Symbols of each of the digits 3 and 9."""


def row(name, digit, k, is_right, events, **about):
    return {
        "set": name, "variant": "plain", "seed": 1, "scale": 1.0, "recording": f"{digit}/{k}",
        "symbol": f"{digit}/{k:04d}", "label": digit, "predicted": digit if is_right else 0,
        "chosen": 1, "n_events": events, "n_steps": 30, **about,
    }  # fmt: skip


def twins(n_lost=8):
    """Real twins: the first `n_lost` of the 9 alone are lost, and have half of the twin's events.

    The simulated twins of the last two 9s are misread.
    """
    rows = []
    for digit in (3, 9):
        for k in range(N):
            lost = digit == 9 and k < n_lost
            rows.append(row("real-twins", digit, k, not lost, 2000 if lost else 3960 + k))
            rows.append(row("saccades-test", digit, k, digit == 3 or k < N - 2, 4000))
    return pd.DataFrame(rows)


def told(predictions, config=SIMULATED):
    found = breaking.context(make_study(config, tables={"predictions": predictions}))
    table = words(f"<body>{table_html(found['rows'], '', SHOWN)}</body>")
    return found["finding"].replace("\u00a0", " "), table


def difference(*cells):
    """Percentage points and their interval, of the counts both, real alone, twin alone, neither."""
    low, high = (points(end) for end in paired_interval(*cells))
    share = (cells[1] - cells[2]) / sum(cells)
    return f"{points(share)} ({low} to {high})"


def test_real_twins_are_held_against_the_simulated_twins_of_the_same_symbols():
    finding, table = told(twins())
    assert f"real-twins minus its simulated twins: {difference(70, 2, 8, 0)} points" in finding
    nine = difference(30, 2, 8, 0)
    assert nine.startswith("−15.0 (")
    assert f"The digit 9 loses most: {nine}, n = 40, picked afterwards of 2 digits" in finding
    assert f"digit 9 40 3,980 80.0 % (65.2 to 89.5 %) 95.0 % {nine}" in table
    assert f"digit 3 40 3,980 100.0 % (91.2 to 100.0 %) 100.0 % {difference(40, 0, 0, 0)}" in table


def test_events_beside_the_twins_are_told_and_whether_they_go_with_misreadings():
    finding, _ = told(twins())
    # A quarter of each digit: ten of the 3, all right; of the 9 the eight that were lost.
    few, many = difference(12, 0, 8, 0), difference(18, 2, 0, 0)
    quarter = "fewest events beside the twin (a quarter of each digit)"
    assert f"{quarter} the difference is {few}" in finding
    assert f"with the most events beside the twin {many}. The number of events goes" in finding
    finding, _ = told(twins(n_lost=1))
    assert "loses most" not in finding
    assert "No digit is read worse than its twins." in finding


def test_means_over_seeds_count_a_symbol_once():
    both = pd.concat([twins(), twins(0).assign(seed=2)])
    finding, _ = told(both)
    assert f"real-twins minus its simulated twins: {difference(74, 2, 4, 0)} points" in finding


@pytest.mark.parametrize(
    ("scene", "test_set", "other"),
    [("mnist-dvs", "test", "saccades-test"), ("saccades", "saccades-test", "test")],
)
def test_a_changed_scene_is_held_against_the_test_set_of_that_scene(scene, test_set, other):
    changed = twins().replace({"real-twins": "long", "saccades-test": test_set})
    unlike = changed.query("set == 'long'").assign(set=other, predicted=0)
    config = SIMULATED | {"simulation": {"sets": {"long": {"scene": scene, "duration_s": 2.5}}}}
    finding, table = told(pd.concat([changed, unlike]), config)
    assert finding.startswith(f"long minus its simulated twins: {difference(70, 2, 8, 0)} points")
    # The eight 9s that are lost have the fewest events; the middle two have 3,979 and 3,980.
    assert f"long all 80 3,980 90.0 % (81.5 to 94.8 %) 97.5 % {difference(70, 2, 8, 0)}" in table


def test_another_real_set_has_no_twins_but_digits_lengths_and_sizes():
    rows = []
    for digit in (3, 9):
        for k in range(N):
            size, long = ("04", k % 2) if k < 20 else ("16", k % 2)
            about = {"recording": f"{digit}/mnist_{digit}_scale{size}_{k:04d}.aedat"}
            rows.append(
                row("test", digit, k, digit == 3 or size == "16", 5000, **about)
                | {"n_steps": 250 if long else 200}
            )
    finding, table = told(pd.DataFrame(rows), config=())
    assert finding.startswith("Of test the digit 9 is read worst: 50.0 % (35.2 to 64.8 %), n = 40")
    assert "twin" not in finding + table
    assert "size 4 40 5,000 50.0 %" in table
    assert "size 16 40 5,000 100.0 %" in table
    assert "shortest" not in table
    assert "fewest events" not in table


def test_few_recordings_say_nothing_about_digits():
    rows = [row("few", 3, k, k > 2, 4000) for k in range(10)]
    finding, table = told(pd.DataFrame(rows), config=())
    assert "holds fewer than 40 symbols" in finding
    assert "few all 10 4,000 70.0 %" in table
    assert "digit" not in table


def test_a_study_without_real_recordings_says_nothing():
    simulated = twins().query("set == 'saccades-test'")
    assert told(simulated) == ("", "")
