"""What is no result is marked by numbers; labels and mean powers that mislead are doubted."""

import json
import re

import pandas as pd
import pytest
from pages import PROVENANCE, SIMULATED, TEMPLATE, make_page, make_study, make_tables, words
from result_tables import make_evaluation, make_predictions

from dvs_snn.files.tables import schema, write_table
from dvs_snn.report.page import ReportJob, write_report
from dvs_snn.report.sections.answer import headline_of
from dvs_snn.settings.study_settings import as_dict

TRAINED = "not a result: trained on 160 symbols, fewer than 500"
ADDED = {"evaluation": {"sets": [{"name": "mine", "folder": "mine"}]}}
DIGITS = [str(digit) for digit in range(10)]


def made_evaluation(n_training, **sizes):
    evaluation = make_evaluation(sets=("validation", "test", "extra"))
    n = evaluation["set"].map({"validation": 400, "test": 50, "extra": 50} | sizes)
    return evaluation.assign(n_recordings=n, n_symbols=n, n_training_symbols=n_training)


def finished(folder, study, evaluation):
    """Write the page of a study; return its headline, page and mark, empty without one."""
    (folder / "tables").mkdir(exist_ok=True)
    shown = {"evaluation": evaluation, "points": make_tables(evaluation=evaluation)["points"]}
    for name, table in shown.items():
        write_table(table, folder / f"tables/{name}.csv", name)
    settings = as_dict(make_study({**SIMULATED, "study": study}).settings)
    (folder / "config.yaml").write_text(json.dumps(settings))
    (folder / "provenance.json").write_text(json.dumps(PROVENANCE))
    write_report(
        ReportJob(
            tables=[folder / f"tables/{name}.csv" for name in shown],
            figures=[],
            panels=[],
            provenance=folder / "provenance.json",
            config=folder / "config.yaml",
            template=[TEMPLATE],
            own_files=[],
            page=folder / "report.html",
            headline=folder / "headline.txt",
        )
    )
    mark = folder / "tables/NOT-A-RESULT.txt"
    read = (folder / "headline.txt").read_text(), words((folder / "report.html").read_text())
    return *read, mark.read_text() if mark.exists() else ""


def test_a_study_is_marked_by_what_trained_it_whatever_its_name(tmp_path):
    headline, page, mark = finished(tmp_path, "small", made_evaluation(160))
    assert headline.splitlines()[-1] == mark.strip() == TRAINED
    assert page.startswith(f"Skip to the answer {TRAINED}")
    # The same folder with enough symbols, named like a trial.
    for text in finished(tmp_path, "smokey", made_evaluation(3600)):
        assert "not a result" not in text.lower()
    # Weights that a file gave: nothing is known of their training.
    assert "not a result" not in finished(tmp_path, "given", made_evaluation(None))[0]


def test_a_set_of_few_symbols_is_marked_alone(tmp_path):
    headline, page, mark = finished(tmp_path, "mine", made_evaluation(3600, extra=10))
    few = "not a result: sets of fewer than 50 symbols, extra (10)"
    assert headline.splitlines()[-1] == mark.strip() == few
    assert "of extra (simulated, 10 recordings, not a result)." in page
    assert "not a result" not in page.split("extra")[0]


# --- labels and powers ----------------------------------------------------------------------------


def made_readings(read_as, n=12, **columns):
    """Readings of `n` recordings of each digit of the set `mine`, `read_as` a mapping."""
    rows = [
        {"recording": f"{digit}/{i}", "symbol": f"{digit}/{i}", "label": digit}
        | {"predicted": read_as.get(digit, digit)}
        for digit in DIGITS
        for i in range(n)
    ]
    rows = pd.DataFrame(rows).reindex(columns=list(schema("predictions")))
    about = {"set": "mine", "variant": "plain", "seed": 1, "scale": 2.0, "chosen": 1}
    return rows.assign(**about | {"synops": 1e6, "n_steps": 30} | columns)


def warned(readings, config=ADDED):
    """The warnings of the headline; the page tells the same."""
    evaluation = made_evaluation(3600).replace({"set": {"extra": "mine"}})
    tables = make_tables() | {"evaluation": evaluation, "predictions": readings}
    lines = headline_of(make_study(config, tables=tables)).splitlines()
    told = [line.removeprefix("warning: ") for line in lines if line.startswith("warning")]
    page = words(make_page(config=config, tables=tables)).replace(" mW", " mW")
    for line in told:
        assert line in re.sub(r"\s+", " ", page)
    return told


def renamed(readings, shift):
    """The readings after the folders of a set were named anew."""
    return readings.assign(label=[str((int(label) + shift) % 10) for label in readings["label"]])


def test_shifted_labels_are_doubted_and_renaming_the_folders_ends_it():
    right = made_readings({})
    shifted = renamed(right, 1)
    (line,) = warned(shifted)
    assert line.startswith(
        "mine: 0.0 % of 120 recordings are read right, chance is 10.0 %; 100.0 %"
    )
    assert "100.0 % of the 12 recordings of 4 are read as 3" in line
    assert "labels shifted or swapped, or flip, rotate or polarity wrong" in line
    assert warned(renamed(shifted, -1)) == []
    # The study made these itself: their labels are right.
    assert warned(shifted.assign(set="test"), SIMULATED) == []


@pytest.mark.parametrize(("n", "share", "is_told"), [(12, 7, 1), (12, 6, 0), (9, 9, 0)])
def test_a_class_mostly_read_as_another_is_doubted(n, share, is_told):
    readings = made_readings({}, n)
    readings.loc[readings[readings["label"] == "4"].index[:share], "predicted"] = "9"
    told = warned(readings)
    assert len(told) == is_told
    for line in told:
        assert line.startswith("mine: 58.3 % of the 12 recordings of 4 are read as 9: ")


def test_made_up_predictions_of_right_labels_raise_nothing():
    assert warned(make_predictions()) == []
