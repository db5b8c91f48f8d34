"""What networks read of real recordings, and which readings the page tells of."""

import pandas as pd
import pytest
from pages import make_page, make_study, words
from result_tables import make_predictions


def test_a_network_from_a_nir_file_says_what_it_knew_and_what_8_bits_cost():
    row = {"set": "test", "variant": "cnn", "method": "nir", "scale": 1.0, "seed": 1}
    row |= {"accuracy": 0.98, "accuracy_low": 0.96, "accuracy_high": 0.99, "symbols_trained_on": 5}
    checked = pd.DataFrame(
        {"network": "cnn", "set": "N-MNIST test", "platform": ["sinabs", "Speck"],
         "timing": ["steps", "events"], "step_ms": [1, None], "bits": [32, 8],
         "accuracy": [0.9847, 0.954]}
    )  # fmt: skip
    tables = {"evaluation": pd.DataFrame([row]), "chip_check": checked}
    text = words(make_page(tables=tables))
    guest = "cnn, from a NIR file, is right on 98.0 % (96.0 to 99.0 %) of test, many of which"
    assert guest in text
    assert "Speck has 95.4 % accuracy one event at a time in 8 bits." in text
    assert "−3.1 percentage points against sinabs in steps of 1 ms" in text


def test_accuracies_of_scales_that_were_not_chosen_are_left_out():
    predictions = make_predictions()
    predictions.loc[predictions["chosen"] == 0, "predicted"] = 5
    rows = make_study(tables={"predictions": predictions}).answered
    assert rows["right"].mean() == pytest.approx((8 + 18) / 30)
