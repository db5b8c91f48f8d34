"""The last words quote what the tables hold, and claim nothing where there is nothing."""

import pytest
import yaml
from pages import CONFIG, make_choice, make_recordings
from result_tables import make_evaluation, make_frames_only_evaluation

from dvs_snn.report.terminal.closing import closing_words
from dvs_snn.results.columns import TABLES


def study(folder, **changes):
    """Write what the last words are made of, and return the study's folder."""
    tables = {
        "choice": make_choice(),
        "evaluation": make_evaluation(),
        "recordings": make_recordings(),
    } | changes.pop("tables", {})
    config = CONFIG | changes
    folder = folder / config["study"]
    (folder / "tables").mkdir(parents=True)
    (folder / "config.used.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    for name, table in tables.items():
        table.reindex(columns=list(TABLES[name].columns)).to_csv(
            folder / f"tables/{name}.csv", index=False
        )
    return folder


def test_it_quotes_the_means_of_the_chosen_rows_of_the_test_set(tmp_path):
    evaluation = make_evaluation()
    rows = evaluation[(evaluation["set"] == "test") & (evaluation["chosen"] == 1)]
    folder = study(tmp_path)
    answer, page = closing_words(folder).splitlines()
    assert f"reads {100 * rows['accuracy'].mean():.1f} % (" in answer
    assert " of test right at " in answer
    power = float(answer.split(" right at ")[1].split(" mW")[0])
    assert power == pytest.approx(rows["power_mw"].mean(), rel=5e-3)
    assert "simulated" not in answer
    assert page == f"page: {folder}/report.html"


def test_simulated_recordings_are_called_so(tmp_path):
    words = closing_words(study(tmp_path, data={"source": "simulated"}))
    assert "simulated recordings" in words


@pytest.mark.parametrize("source", ["simulated", "folder"])
def test_a_smoke_study_is_no_result_whatever_its_data(tmp_path, source):
    words = closing_words(study(tmp_path, study="smoke-2", data={"source": source}))
    assert words.splitlines()[-1] == "smoke: not a result"


def test_without_labelled_sets_it_tells_of_frames_and_power(tmp_path):
    evaluation = make_frames_only_evaluation()
    choice = make_choice().iloc[:0]
    tables = {"evaluation": evaluation, "choice": choice}
    lines = closing_words(study(tmp_path, tables=tables)).splitlines()
    assert lines[0] == f"the CNN alone reads {text_of(evaluation)} of frames"
    assert [line.split(":")[0] for line in lines[1:-1]] == [f"recording {x}" for x in "ABC"]
    assert all(" mW" in line for line in lines[1:-1])


def text_of(evaluation):
    shares = 100 * evaluation["ann_accuracy"]
    ends = f"({shares.min():.1f} to {shares.max():.1f} %)"
    return f"{shares.mean():.1f} %" + (f" {ends}" if shares.min() < shares.max() else "")


def test_unreadable_tables_leave_the_page_alone(tmp_path):
    folder = study(tmp_path)
    (folder / "tables/evaluation.csv").write_text("")
    assert closing_words(folder) == f"page: {folder}/report.html"
    (folder / "config.used.yaml").write_text("")
    assert closing_words(folder) == f"page: {folder}/report.html"


def test_a_variant_each_where_nothing_was_chosen(tmp_path):
    tables = {
        "evaluation": make_evaluation(variants=("plain", "other")),
        "choice": make_choice().iloc[:0],
    }
    lines = closing_words(study(tmp_path, tables=tables)).splitlines()
    assert sorted(line.split()[0] for line in lines) == ["other", "page:", "plain"]
