"""A study of three other classes, from folder to page, as docs/own_recordings.md says."""

import re
import subprocess

import numpy as np
import pandas as pd
import pytest
from browsing import check_page, needs_chromium
from made_shapes import SHAPES, write_shapes
from running import ROOT, copy_project, run_program, run_study, write_config

# Words of the page that are right: published studies did read digits.
ALLOWED = (
    "Published chips that read digits, from images of MNIST", "one folder per digit",
    "digits-A.npz", "docs/", "figures/digits", "per_digit",
)  # fmt: skip


def block(language: str) -> str:
    """The first block of code of a language in the page's section on other classes."""
    text = (ROOT / "docs/own_recordings.md").read_text(encoding="utf-8")
    section = text.partition("\n## Other classes\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)[0]


# Its training hears of a teacher and counts spikes.
LEAN = {
    "method": "synop-loss", "start": "plain", "epochs": 1, "teacher_weight": 0.9, "synops": 1e7,
    "scales": [1.0],
}  # fmt: skip


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    """The finished study's project."""
    project = copy_project(tmp_path_factory.mktemp("shapes") / "project")
    write_shapes(project / "mine", 20)
    write_shapes(project / "more", 4, SHAPES[:2], seed=9000)
    settings = block("yaml").replace("path/to/shapes", "mine")
    (project / "mine.yaml").write_text(settings, encoding="utf-8")
    subprocess.run(["bash", "-c", block("bash")], cwd=project, check=True)
    brief = write_config(
        project,
        "brief.yaml",
        data={"split": {"test": 0.4, "validation": 0.25}},
        training={"epochs": 20, "batch_size": 8},
        seeds=[1],
        variants={"lean": LEAN},
        evaluation={"sets": [{"name": "more", "folder": "more"}]},
        sweep={"scales": [1.0, 2.0]},
        verification={"recordings": 3},
        ablation={"recordings": 3},
    )
    run_study(project, "mine.yaml", brief)
    return project


def read(project, name: str) -> pd.DataFrame:
    return pd.read_csv(project / f"results/shapes/tables/{name}.csv", keep_default_na=False)


def test_tables_name_the_classes(shapes):
    predictions = read(shapes, "predictions")
    assert set(predictions["label"]) == set(SHAPES)
    assert set(predictions["predicted"]) <= {*SHAPES, ""}
    assert set(predictions["ann_predicted"]) <= {*SHAPES, ""}
    assert (predictions["label"] == predictions["symbol"].str.split("/").str[0]).all()
    recordings = read(shapes, "recordings")
    assert set(recordings["label"]) == {"circle"}
    right = (recordings["predicted"] == "circle").astype(int)
    assert (recordings["correct"].astype(int) == right).all()
    assert set(read(shapes, "verification")["predicted_event"]) <= {*SHAPES, ""}
    checks = read(shapes, "checks")
    assert set(checks["check"]) >= {"classes", "box_px"}
    assert "digits" not in set(checks["check"])
    lacking = checks[(checks["set"] == "more") & (checks["check"] == "classes")]
    assert lacking["finding"].tolist() == ["lacks the class cross"]


def test_the_network_has_three_outputs_and_reads_the_shapes(shapes):
    assert read(shapes, "network")["output_shape"].astype(str).iloc[-1] == "3"
    evaluation = read(shapes, "evaluation").astype(str)
    assert set(evaluation["variant"]) == {"plain", "lean"}
    of_plain = "set == 'test' and variant == 'plain'"
    (row,) = evaluation.query(f"{of_plain} and chosen == '1'").to_dict("records")
    assert row["n_recordings"] == "24"
    # Chance is a third: of 24 recordings 15 and more are right by chance once in 300 times.
    assert float(row["accuracy"]) >= 15 / 24
    mine = read(shapes, "predictions").query(of_plain)
    mine = mine[mine["scale"].astype(float) == float(row["scale"])]
    right = (mine["label"] == mine["predicted"]).mean()
    assert right == pytest.approx(float(row["accuracy"]))


def test_the_page_speaks_of_classes_and_shows_what_they_are_read_as(shapes):
    html = (shapes / "results/shapes/report.html").read_text(encoding="utf-8")
    # What a person reads: no scripts, no styles, no drawings, no addresses.
    body = re.sub(r"<(script|style|metadata)\b.*?</\1>", " ", html, flags=re.DOTALL)
    body = re.sub(r"data:[\w/+;=-]+,[A-Za-z0-9+/=]+", " ", body)
    labels = re.findall(r'\b(?:alt|aria-label|title)="([^"]*)"', body)
    text = " ".join([re.sub(r"<[^>]+>", " ", body), *labels])
    for allowed in ALLOWED:
        text = text.replace(allowed, " ")
    assert re.findall(r".{0,60}\b[Dd]igits?\b.{0,60}", text) == []
    for words in ("class shown: circle", "The worst class is", "more lacks the class cross."):
        assert words in text
    cells = re.search(r"<svg.*?</svg>", html[html.index('id="chart-confusion"') :], re.DOTALL)[0]
    words = re.findall(r">([^<>]+)</text>", cells)
    assert words.count("circle") == words.count("square") == words.count("cross") == 2
    assert {"class read", "class shown"} <= set(words)


@needs_chromium
def test_the_page_holds_in_a_browser(browser, shapes):
    check_page(browser, shapes / "results/shapes/report.html")


def test_exports_name_what_the_outputs_stand_for(shapes):
    with np.load(shapes / "results/shapes/exports/plain/seed-1/expected.npz") as expected:
        assert expected["classes"].tolist() == list(SHAPES)


def test_the_check_compares_with_the_frames_that_trained(shapes):
    told = run_program(shapes, "workflow/check.py", "--configfile", "mine.yaml", "brief.yaml")
    for words in (
        "8 recordings of the classes circle and square",
        "60 recordings of the classes circle, square and cross",
        "60 recordings of 3 classes, expected at least 10 of 5",
    ):
        assert words in told
    assert "digit" not in told
    page = (shapes / "check.html").read_text(encoding="utf-8")
    assert "recordings right as they lie" in page
    assert "digit" not in re.sub(r"<style>.*?</style>|data:[^\"]+", "", page, flags=re.DOTALL)
