"""The page says that simulated data are simulated, and how far they can be trusted."""

import re

import pytest
from drawings import save_charts
from pages import NASTY, PROVENANCE, SIMULATED, make_page, make_tables, words
from result_tables import make_predictions, make_probes
from simulated_tables import make_calibration, make_realism

from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.report.origin import SIMULATED_BANNER, Origin
from dvs_snn.report.text import significant

ADDED = {"mine": "real", "made": "simulated"}


def simulated_tables():
    more = {"calibration": make_calibration(), "realism": make_realism()}
    return make_tables() | more | {"predictions": make_predictions(), "probes": make_probes()}


def simulated_page(**changes):
    return make_page(**({"tables": simulated_tables(), "config": SIMULATED} | changes))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return simulated_page(figures=save_charts(tmp_path_factory.mktemp("figures")))


# --- where recordings come from -------------------------------------------------------------------


def test_every_caption_and_alternative_text_of_simulated_data_says_so(whole):
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", whole)
    assert len(captions) == 7
    alts = re.findall(r'class="chart" id="[^"]*" role="img" aria-label="([^"]+)"', whole)
    assert len(alts) == 7
    assert [caption for caption in (*captions, *alts) if "imulated" not in caption] == []


def test_real_recordings_are_not_called_simulated():
    assert "imulat" not in words(make_page())
    # A recording with a file of its own is what the file holds.
    html = simulated_page(own_files=["B"])
    a, b = html.split('id="recording-1">')[1].split('id="recording-2">')
    b = b.split('id="recording-3">')[0]
    assert '<p class="meta">simulated; digit shown: 3' in a
    assert "imulated" not in b


def test_captions_begin_with_what_is_simulated():
    origin = Origin("simulated", ADDED)
    assert origin.note_on(["test", "made"]) == origin.note_on([]) == "Simulated recordings. "
    assert origin.note_on(["mine"]) == ""
    mixed = "Simulated recordings, but for the real ones of mine and real N-MNIST. "
    assert origin.note_on(["test", "mine", "real-twins"]) == mixed
    assert Origin("folder", ADDED).note_on(["test"]) == ""


@pytest.mark.parametrize(
    ("source", "mark", "sets", "banner"),
    [
        ("simulated", "no result", ["test"], f"no result; {SIMULATED_BANNER}"),
        (
            "simulated", "", ["test", "real-twins", "mine", "made"],
            f"{SIMULATED_BANNER}; real recordings, made by a sensor: real N-MNIST and mine",
        ),
        ("folder", "", ["test", "mine"], ""),
        ("folder", "", ["test", "made"], "simulated recordings: made; the others are real"),
    ],
)  # fmt: skip
def test_the_banner_follows_from_all_sets(source, mark, sets, banner):
    assert Origin(source, ADDED).banner(sets, mark) == banner


# --- how far to trust it --------------------------------------------------------------------------


def test_what_the_simulator_leaves_is_told_with_numbers():
    text = words(simulated_page())
    # The settings are fitted to the odd half: the even one counts.
    verdicts = make_calibration().query("half == 'even'")["verdict"].value_counts()
    assert verdicts["differs"] == 1
    n = verdicts["reproduced"]
    assert f"reproduces {n} of {verdicts.sum()} quantities of the other half." in text
    row = (
        make_realism().query("half == 'even' and part == 'nominal' and statistic == 'all'").iloc[0]
    )
    assert f"of the same {row['n']} symbols. Its area under the ROC curve is" in text
    assert f"{significant(row['auc'])} (" in text
    bare = words(simulated_page(tables=make_tables()))
    assert "ROC curve" not in bare
    assert "No sensor made the simulated recordings" in bare


def test_the_title_counts_the_changes_that_the_chart_shows_beyond_a_limit():
    # Of the best method, means over the trainings: one moves accuracy, another the cost.
    assert "; 2 of 3 changes alter accuracy or SynOps" in words(simulated_page())
    tables = {name: table for name, table in simulated_tables().items() if name != "probes"}
    assert "changes alter" not in words(simulated_page(tables=tables))


def test_tables_as_read_from_csv(tmp_path):
    read = {}
    for name, frame in simulated_tables().items():
        frame = frame.reindex(columns=list(schema(name)))
        write_table(frame, tmp_path / f"{name}.csv", name)
        read[name] = read_table(tmp_path / f"{name}.csv", name)
    # A missing prediction turns digits into 3.0.
    text = words(simulated_page(tables=read))
    assert "digit shown: 3" in text
    assert not re.search(r"\b\d\.0 (right|wrong|seed)", text)
    assert not re.search(r"\bnan\b", text)


def test_names_cannot_smuggle_in_html():
    tables = simulated_tables()
    tables["predictions"] = tables["predictions"].assign(set=NASTY, variant=NASTY)
    tables["recordings"] = tables["recordings"].replace("A", NASTY).assign(variant=NASTY)
    tables["evaluation"]["variant"] = NASTY
    html = simulated_page(
        tables=tables, provenance=PROVENANCE | {"device": NASTY, "rerun_command": NASTY}
    )
    assert NASTY not in html
    assert html.count("&lt;script&gt;") > 3
