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
    # To the sensor's middle: elsewhere the check tells of it.
    recording.events["y"] -= 36
    written = in_every_format(project / "formats/3/a", recording)
    assert len(written) >= 7
    # In one folder two files of one format would be copies.
    sets = ["formats"]
    for path in written:
        if path.name == "a-evt2.raw":
            (project / "evt2/3").mkdir(parents=True)
            path.rename(project / "evt2/3" / path.name)
            sets.append("evt2")
    own = {
        **QUICK,
        "data": {"folder": "digits/Train", "test_folder": "digits/Test"},
        "evaluation": {
            "sets": [
                {"name": name, "folder": name, "sensor_size": [128, 128], "zoom": 0.5}
                for name in sets
            ]
        },
    }
    run_study(project, PRESET, write_config(project, "mine.yaml", **own))
    return project / "results/nmnist"


@needs_chromium
def test_the_page_holds_in_a_browser(browser, results):
    check_page(browser, results / "report.html")


def test_the_page_calls_nothing_simulated_and_tells_what_lacks(results):
    page = words((results / "report.html").read_text(encoding="utf-8"))
    assert "simulat" not in page.lower()
    assert "48 real recordings: real N-MNIST" in page
    assert "Recording A in three forms" in page
    assert "real N-MNIST lacks the digits 6 and 8." in page
    assert "validation lacks" not in page
    # 14 symbols of a digit less those that validate; files alone tell.
    mark = (results / "tables/NOT-A-RESULT.txt").read_text(encoding="utf-8")
    assert mark == "not a result: trained on 126 symbols, fewer than 500\n"
    assert mark in (results / "headline.txt").read_text(encoding="utf-8")
    assert mark.strip() in (results / "figures/front.svg").read_text(encoding="utf-8")


def test_a_recording_is_the_same_in_every_format(results):
    table = pd.read_csv(results / "tables/predictions.csv")
    rows = table[table["set"].isin(["formats", "evt2"])]
    folder = results.parents[1] / "formats/3"
    in_set = {path.name for path in folder.iterdir()}
    files = in_set | {path.name for path in folder.parents[1].glob("evt2/3/*")}
    assert {Path(name).name for name in rows["recording"]} == files
    assert set(rows["n_events"]) == {1500}
    for _, of_network in rows.groupby(["variant", "seed", "scale"]):
        assert of_network[["predicted", "synops"]].drop_duplicates().shape[0] == 1
    program = ("workflow/check.py", "--configfile", PRESET, "mine.yaml")
    told = run_program(results.parents[1], *program)
    assert f"{len(in_set)} recordings of the digit 3, 128x128 pixels" in told
