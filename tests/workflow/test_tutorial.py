"""Archives shaped like the tutorial's, made here, fetched and run through the `tutorial` preset."""

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest
from browsing import check_page, needs_chromium
from made_archives import A_EVENTS, TEST_FRAMES, write_train_zip, write_videos_zip
from running import copy_project, planned, run_study, write_config

PRESET = "workflow/presets/tutorial.yaml"


@pytest.fixture(scope="module")
def archives(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("archives")
    write_train_zip(folder / "train.zip")
    write_videos_zip(folder / "digits-videos.zip")
    return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory, archives, server) -> Path:
    copy = copy_project(tmp_path_factory.mktemp("tutorial"))
    sources = {
        f"tutorial/{path.name}": {"url": server.serve(f"/{path.name}", path.read_bytes())}
        for path in archives.iterdir()
    }
    # The preset's own settings, but for one seed and two scales in place of two and twelve.
    fewer = {"seeds": [1], "sweep": {"scales": [0.46, 1.0]}}
    config = write_config(copy, "mine.yaml", data={"sources": sources}, **fewer)
    run_study(copy, PRESET, config)
    return copy / "results/tutorial"


def test_both_archives_are_fetched_once_and_kept_and_told_beside_their_hashes(
    results, archives, server
):
    assert sorted(server.asked) == ["/digits-videos.zip", "/train.zip"]
    record = json.loads((results / "provenance.json").read_text())
    listed = {entry["name"]: entry for entry in record["data"]}
    for name in ("train.zip", "digits-videos.zip"):
        digest = hashlib.sha256((archives / name).read_bytes()).hexdigest()
        kept = results.parents[1] / "data/tutorial" / f"{name}.sha256"
        assert kept.read_text() == f"{digest}  {name}\n"
        assert listed[f"tutorial/{name}"]["sha256"] == digest
        assert listed[f"tutorial/{name}"]["hash"] == "recorded, not known beforehand"
    # A second run fetches and does nothing.
    assert planned(results.parents[1], "--configfile", PRESET, "mine.yaml") == {}


def test_the_frames_are_judged_by_the_cnn_alone(results):
    table = pd.read_csv(results / "tables/evaluation.csv")
    (row,) = table.to_dict("records")
    assert (row["set"], row["n_frames"]) == ("frames", 10 * TEST_FRAMES)
    # A network that learned nothing has 0.1.
    assert 0.5 < row["cnn_accuracy"] <= 1
    # The data don't say which frames show the same symbol, so the CNN has no interval.
    spiking = "^(scale|chosen|accuracy|silent|tied|synops|power|energy|time|cnn_accuracy_)"
    assert table.filter(regex=spiking).isna().all(axis=None)


def test_the_recordings_are_binned_as_the_tutorial_does_and_its_figures_are_compared(results):
    table = pd.read_csv(results / "tables/recordings.csv")
    steps = table.groupby("recording")["n_steps"].unique().map(list).to_dict()
    # np.arange(0, 404_000, 10_000) has 41 edges; the partial bins of A and C are dropped.
    assert steps == {"A": [521], "B": [59], "C": [40]}
    # What falls out with the partial last bin is counted as outside.
    a = table[table["recording"] == "A"]
    assert set(a["n_events"] + a["n_events_outside"]) == {A_EVENTS}
    assert table[["label", "correct"]].isna().all(axis=None)
    table = pd.read_csv(results / "tables/comparison.csv").set_index("quantity")
    for quantity, expected in (
        ("tutorial_recording_A_events", A_EVENTS),
        ("tutorial_power_printed", 6.593554971209212),
    ):
        assert float(table.loc[quantity, "ours"]) == pytest.approx(expected, rel=1e-6)
        assert table.loc[quantity, "verdict"] == "reproduced"


@needs_chromium
def test_the_page_holds_in_a_browser(browser, results):
    check_page(browser, results / "report.html")
