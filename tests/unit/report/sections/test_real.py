"""Which recordings are misread: made-up readings whose counts are known by hand."""

import pandas as pd
import pytest
from pages import SIMULATED, make_study
from result_tables import make_predictions

from dvs_snn.evaluation.statistics import paired_interval
from dvs_snn.report.sections import real
from dvs_snn.report.text import points

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


def breaking(predictions, config=SIMULATED):
    notes = real.context(make_study(config, tables={"predictions": predictions}))["notes"]
    return " ".join(notes).replace("\u00a0", " ")


BESIDE = "real N-MNIST minus the same symbols of quick movements:"


def difference(*cells):
    """Percentage points and their interval, of the counts both, real alone, twin alone, neither."""
    low, high = (points(end) for end in paired_interval(*cells))
    share = (cells[1] - cells[2]) / sum(cells)
    return f"{points(share)} ({low} to {high})"


def test_real_twins_are_held_against_the_simulated_twins_of_the_same_symbols():
    finding = breaking(twins())
    assert f"{BESIDE} {difference(70, 2, 8, 0)} points" in finding
    nine = difference(30, 2, 8, 0)
    assert nine.startswith("−15.0 (")
    assert f"The digit 9 loses most: {nine}, n = 40, picked afterwards of 2 digits" in finding


def test_a_loss_that_no_class_shows_is_no_loss():
    assert "No digit is read worse." in breaking(twins(n_lost=1))


def test_means_over_seeds_count_a_symbol_once():
    finding = breaking(pd.concat([twins(), twins(0).assign(seed=2)]))
    assert f"{BESIDE} {difference(74, 2, 4, 0)} points" in finding


@pytest.mark.parametrize(
    ("scene", "test_set", "other"),
    [("mnist-dvs", "test", "saccades-test"), ("saccades", "saccades-test", "test")],
)
def test_a_changed_scene_is_held_against_the_test_set_of_that_scene(scene, test_set, other):
    changed = twins().replace({"real-twins": "long", "saccades-test": test_set})
    unlike = changed.query("set == 'long'").assign(set=other, predicted=0)
    config = SIMULATED | {"simulation": {"sets": {"long": {"scene": scene, "duration_s": 2.5}}}}
    finding = breaking(pd.concat([changed, unlike]), config)
    name = {"test": "slow movements", "saccades-test": "quick movements"}[test_set]
    whole = f"long minus the same symbols of {name}: {difference(70, 2, 8, 0)} points"
    assert finding.startswith(whole)


def test_another_real_set_has_no_twins_and_a_small_one_says_nothing_about_digits():
    rows = [row("test", digit, k, digit == 3 or k > 19, 5000) for digit in (3, 9) for k in range(N)]
    finding = breaking(pd.DataFrame(rows), config=())
    assert finding.startswith("Of test the digit 9 is read worst: 50.0 % (35.2 to 64.8 %), n = 40")
    assert "twin" not in finding
    few = pd.DataFrame([row("few", 3, k, k > 2, 4000) for k in range(10)])
    assert breaking(few, config=()).startswith("few holds fewer than 40 symbols")
    assert breaking(twins().query("set == 'saccades-test'")) == ""


def test_a_network_from_a_nir_file_says_what_it_knew_and_what_8_bits_cost():
    row = {"set": "test", "variant": "cnn", "method": "nir", "scale": 1.0, "seed": 1}
    row |= {"accuracy": 0.98, "accuracy_low": 0.96, "accuracy_high": 0.99, "symbols_trained_on": 5}
    checked = pd.DataFrame(
        {"network": "cnn", "set": "N-MNIST test", "platform": ["sinabs", "Speck"],
         "timing": ["steps", "events"], "step_ms": [1, None], "bits": [32, 8],
         "accuracy": [0.9847, 0.954]}
    )  # fmt: skip
    tables = {"evaluation": pd.DataFrame([row]), "chip_check": checked}
    first, second = real.context(make_study(tables=tables))["notes"]
    assert "cnn, from a NIR file, reads 98.0" in first
    assert first.endswith("of test, many of which trained it.")
    assert "Speck read 95.4" in second
    assert "−3.1 percentage points against sinabs in steps of 1\u00a0ms" in second


def test_accuracies_of_scales_that_were_not_chosen_are_left_out():
    predictions = make_predictions()
    predictions.loc[predictions["chosen"] == 0, "predicted"] = 5
    rows = make_study(tables={"predictions": predictions}).answered
    assert rows["right"].mean() == pytest.approx((8 + 18) / 30)
