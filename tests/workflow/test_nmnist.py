"""N-MNIST unpacked by its user, made here: the preset `nmnist` from two folders to its page."""

from pathlib import Path

import pandas as pd
import pytest
from browsing import check_page, needs_chromium
from made_archives import QUICK, write_nmnist
from pages import words
from running import copy_project, run_study, write_config

PRESET = "workflow/presets/nmnist.yaml"
TESTED = (0, 1, 2, 3, 4, 5, 7, 9)


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    project = copy_project(tmp_path_factory.mktemp("nmnist"))
    write_nmnist(project / "digits/Train", 14)
    write_nmnist(project / "digits/Test", 6, TESTED)
    data = {"folder": "digits/Train", "test_folder": "digits/Test"}
    run_study(project, PRESET, write_config(project, "mine.yaml", data=data, **QUICK))
    return project / "results/nmnist"


@pytest.fixture(scope="module")
def text(results) -> str:
    """The words of the page, without the settings at its end."""
    page = (results / "report.html").read_text(encoding="utf-8")
    return words(page).split("Settings as used")[0]


@needs_chromium
def test_the_page_holds_in_a_browser(browser, results):
    check_page(browser, results / "report.html")


def test_nothing_is_called_simulated(text):
    assert "simulat" not in text.lower()
    assert "real: test, 48 recordings, sensor 34 × 34" in text
    assert "This study read no real recordings" not in text


def test_digits_that_the_test_folder_lacks_are_told(text):
    assert "The set test lacks the digits 6 and 8." in text
    assert "The set validation lacks" not in text


def test_where_recordings_are_misread_is_told_as_the_table_has_it(results, text):
    table = pd.read_csv(results / "tables/predictions.csv")
    rows = table[(table["set"] == "test") & (table["chosen"] == 1) & (table["variant"] == "plain")]
    right = rows["predicted"] == rows["label"]
    if right.all():
        assert "No recording of test is misread." in text
    else:
        worst = right.groupby(rows["label"]).mean().idxmin()
        assert f"Of test the digit {worst} is read worst" in text


def test_two_folders_are_told_apart_and_only_data_that_were_read_are_cited(text):
    assert "Those of the first train and validate, those of the second test." in text
    assert "N-MNIST: Orchard et al. 2015" in text
    assert "MNIST-DVS: Serrano" not in text
    # Early exit stops the network that was trained.
    assert "Other methods train" not in text
