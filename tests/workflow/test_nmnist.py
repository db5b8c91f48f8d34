"""N-MNIST unpacked by its user, made here: the preset `nmnist` from two folders to its page.

A further set holds the same recording in every format that the study reads.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browsing import check_page, needs_chromium
from foreign_files import in_every_format
from made_archives import QUICK, digit_at_a_place, write_nmnist
from pages import words
from running import copy_project, run_program, run_study, write_config

PRESET = "workflow/presets/nmnist.yaml"
TESTED = (0, 1, 2, 3, 4, 5, 7, 9)


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    project = copy_project(tmp_path_factory.mktemp("nmnist"))
    write_nmnist(project / "digits/Train", 14)
    write_nmnist(project / "digits/Test", 6, TESTED)
    (project / "formats/3").mkdir(parents=True)
    recording = digit_at_a_place(3, 128, np.random.default_rng(0))
    assert len(in_every_format(project / "formats/3/a", recording)) >= 7
    own = {
        **QUICK,
        "data": {"folder": "digits/Train", "test_folder": "digits/Test"},
        "evaluation": {
            "sets": [
                {"name": "formats", "folder": "formats", "sensor_size": [128, 128], "zoom": 0.5}
            ]
        },
    }
    run_study(project, PRESET, write_config(project, "mine.yaml", **own))
    return project / "results/nmnist"


@pytest.fixture(scope="module")
def text(results) -> str:
    return words((results / "report.html").read_text(encoding="utf-8"))


@needs_chromium
def test_the_page_holds_in_a_browser(browser, results):
    check_page(browser, results / "report.html")


def test_nothing_is_called_simulated(text):
    assert "simulat" not in text.lower()
    assert "real: test, 48 recordings, sensor 34 × 34" in text
    assert "This study read no real recordings" not in text


def test_a_recording_is_the_same_in_every_format(results, text):
    table = pd.read_csv(results / "tables/predictions.csv")
    rows = table[table["set"] == "formats"]
    files = {path.name for path in (results.parents[1] / "formats/3").iterdir()}
    assert {Path(name).name for name in rows["recording"]} == files
    assert set(rows["n_events"]) == {1500}
    for _, of_network in rows.groupby(["variant", "seed", "scale"]):
        assert of_network[["predicted", "synops"]].drop_duplicates().shape[0] == 1
    assert f"real: formats, {len(files)} recordings" in text


def test_the_check_reads_every_format(results):
    program = ("workflow/check.py", "--configfile", PRESET, "mine.yaml")
    told = run_program(results.parents[1], *program)
    n_files = len(list((results.parents[1] / "formats/3").iterdir()))
    assert f"{n_files} recordings of the digit 3, 128x128 pixels" in told


def test_digits_that_the_test_folder_lacks_are_told(text):
    assert "test lacks the digits 6 and 8." in text
    assert "validation lacks" not in text


def test_two_folders_are_told_apart_and_only_data_that_were_read_are_cited(text):
    assert "Those of the first train and validate, those of the second test." in text
    assert "N-MNIST: Orchard et al. 2015" in text
    assert "MNIST-DVS: Serrano" not in text
    # Early exit stops the network that was trained.
    assert "Other methods train" not in text
