"""N-MNIST unpacked by its user, made here: the preset `nmnist` from two folders to its page.

A further set holds the same recording in every format that the study reads.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browsing import check_page, needs_chromium
from made_archives import QUICK, digit_at_a_place, write_nmnist
from pages import words
from running import copy_project, run_program, run_study, write_config

from dvs_snn.recordings.recording import SUFFIXES, write_recording

PRESET = "workflow/presets/nmnist.yaml"
TESTED = (0, 1, 2, 3, 4, 5, 7, 9)


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    project = copy_project(tmp_path_factory.mktemp("nmnist"))
    write_nmnist(project / "digits/Train", 14)
    write_nmnist(project / "digits/Test", 6, TESTED)
    (project / "formats/3").mkdir(parents=True)
    recording = digit_at_a_place(3, 128, np.random.default_rng(0))
    # To the sensor's middle: elsewhere the check tells of it.
    recording.events["y"] -= 36
    for suffix in SUFFIXES:
        write_recording(project / f"formats/3/a{suffix}", recording)
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


@needs_chromium
def test_the_page_holds_in_a_browser(browser, results):
    check_page(browser, results / "report.html")


def test_the_page_calls_nothing_simulated(results):
    page = words((results / "report.html").read_text(encoding="utf-8"))
    assert "simulat" not in page.lower()
    assert "48 real recordings: real N-MNIST" in page
    assert "Recording A in three forms" in page
    # 14 symbols of a digit less those that validate; files alone tell.
    mark = (results / "tables/NOT-A-RESULT.txt").read_text(encoding="utf-8")
    assert mark == "not a result: trained on 126 symbols, fewer than 500\n"
    assert mark in (results / "headline.txt").read_text(encoding="utf-8")
    assert mark.strip() in (results / "figures/front.svg").read_text(encoding="utf-8")


def test_a_recording_is_the_same_in_every_format(results):
    table = pd.read_csv(results / "tables/predictions.csv")
    rows = table[table["set"] == "formats"]
    assert set(rows["recording"]) == {f"3/a{suffix}" for suffix in SUFFIXES}
    assert set(rows["n_events"]) == {1500}
    for _, of_network in rows.groupby(["variant", "seed", "scale"]):
        assert of_network[["predicted", "synops"]].drop_duplicates().shape[0] == 1
    program = ("workflow/check.py", "--configfile", PRESET, "mine.yaml")
    told = run_program(results.parents[1], *program)
    assert f"{len(SUFFIXES)} recordings of the digit 3, 128x128 pixels" in told
