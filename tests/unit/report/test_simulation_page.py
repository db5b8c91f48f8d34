"""The page says that simulated data are simulated, and how far they can be trusted."""

import re

import pandas as pd
import pytest
from pages import NASTY, PROVENANCE, SIMULATED, make_page, make_tables, parsed, words
from result_tables import make_evaluation, make_frames_only_evaluation, make_predictions
from simulated_tables import (
    every_simulated_figure,
    make_calibration,
    make_features,
    make_paired,
    make_probes_of_simulated,
    make_realism,
)

from dvs_snn.report import drawing
from dvs_snn.report.origin import SIMULATED_BANNER, Origin
from dvs_snn.report.text import significant

ADDED = {"mine": "real", "made": "simulated"}
FOLDS = ("The simulated sensor", "Simulated against real", "One thing changed at a time")


def simulated_tables(real_files=True):
    return make_tables() | {
        "calibration": make_calibration(),
        "paired": make_paired(real_files),
        "realism": make_realism(),
        "features": make_features() if real_files else pd.DataFrame(),
        "probes": make_probes_of_simulated(),
        "predictions": make_predictions(),
    }


def simulated_page(**changes):
    return make_page(**({"tables": simulated_tables(), "config": SIMULATED} | changes))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    figures = every_simulated_figure()
    paths = {name: folder / f"{name}{drawing.about(name).SUFFIX}" for name in ("failures", "twins")}
    for name, path in paths.items():
        drawing.save(figures[name](), path)
    return paths


@pytest.fixture(scope="module")
def whole(drawn):
    panels = {name: {"raster": drawn["twins"]} for name in "ABC"}
    return simulated_page(figures=drawn | {"frames": drawn["twins"]}, panels=panels)


@pytest.fixture(scope="module")
def text():
    """The words of a page without figures."""
    return words(simulated_page())


# --- where recordings come from -------------------------------------------------------------------


def test_every_caption_and_alternative_text_of_simulated_data_says_so(whole):
    captions = re.findall(r"<caption>(.*?)</caption>|<figcaption>(.*?)</figcaption>", whole)
    captions = [a or b for a, b in captions]
    simulated = [caption for caption in captions if not caption.startswith("Data")]
    alts = re.findall(r'alt="([^"]+)"', whole)
    assert len(alts) == len("ABC") + 3
    assert len(simulated) > len(alts)
    assert [text for text in (*simulated, *alts) if "imulated" not in text] == []
    assert all(address.startswith(("data:", "#")) for address in parsed(whole).addresses)


def test_real_recordings_are_not_called_simulated(drawn):
    assert "imulat" not in words(make_page())
    config = SIMULATED | {"evaluation": {"sets": [{"name": "extra", "folder": "x"}]}}
    tables = simulated_tables() | {"evaluation": make_evaluation(sets=("extra",))}
    text = words(simulated_page(config=config, tables=tables))
    assert "on the set extra , 4 recordings of 2 symbols" in text.split("The answer")[2][:700]
    # A recording with a file of its own is what the file holds.
    panels = {name: {"raster": drawn["twins"]} for name in "ABC"}
    html = simulated_page(panels=panels, own_files=["B"])
    a, b = html.split('id="recording-1">')[1].split('id="recording-2">')
    b = b.split('id="recording-3">')[0]
    assert "<figcaption>Simulated recording. " in a
    assert '<p class="meta">simulated; digit shown: 3' in a
    # The study's folder is named so.
    assert "imulated" not in re.sub(r'src="[^"]*"|results/simulated/', "", b)


def test_captions_begin_with_what_is_simulated():
    origin = Origin("simulated", ADDED)
    assert origin.note_on(["test", "made"]) == origin.note_on() == "Simulated recordings. "
    assert origin.note_on(["mine"]) == ""
    mixed = "Simulated recordings, but for the real ones of mine and real-twins. "
    assert origin.note_on(["test", "mine", "real-twins"]) == mixed
    assert Origin("folder", ADDED).note_on(["test"]) == ""


@pytest.mark.parametrize(
    ("source", "mark", "sets", "banner"),
    [
        ("simulated", "no result", ["test"], f"no result; {SIMULATED_BANNER}"),
        (
            "simulated", "", ["test", "real-twins", "mine", "made"],
            f"{SIMULATED_BANNER}; real recordings, made by a sensor: real-twins and mine",
        ),
        ("folder", "", ["test", "mine"], ""),
        ("folder", "", ["test", "made"], "simulated recordings: made; the others are real"),
    ],
)  # fmt: skip
def test_the_banner_follows_from_all_sets(source, mark, sets, banner):
    assert Origin(source, ADDED).banner(sets, mark) == banner


# --- simulated against real, and probes -----------------------------------------------------------


def test_calibration_and_twins_are_summed_up(text):
    tables = simulated_tables()
    verdicts = tables["calibration"]["verdict"].value_counts()
    assert "MNIST-DVS, n = 1 at each scale" in text
    assert (
        f"18 values, {verdicts['reproduced']} reproduced and {verdicts['differs']} differ" in text
    )
    assert "60 even, 60 odd and 120 all" in text
    paired = tables["paired"].query("digit == 'all' and half == 'even'").set_index("quantity")
    values = paired[["value", "shuffled"]].map("{:.2f}".format).replace("-", "−", regex=True)
    counts, maps = (values.loc[f"{name}_correlation"] for name in ("count", "map"))
    assert (
        f"{counts['value']} for event counts (shuffled: {counts['shuffled']}) and "
        f"{maps['value']} for event maps (shuffled: {maps['shuffled']})"
    ) in text
    held_out = tables["features"].query("half == 'even' and part == 'nominal'").iloc[0]
    assert f"has an area of {significant(held_out['auc'])} (" in text
    assert f"features is {held_out['distance']:.2g} of their variance" in text


def test_page_says_where_the_real_recordings_were_not_there(text):
    assert "were not available" not in text
    tables = simulated_tables(real_files=False)
    alone = words(simulated_page(tables=tables))
    assert "The real recordings were not available for this run." in alone
    assert "for event counts" in alone
    assert "for event maps" not in alone
    bare = words(simulated_page(tables=make_tables()))
    assert "compared no simulated recording with a real one" in bare


# --- odd studies ----------------------------------------------------------------------------------


def test_a_table_that_is_missing_takes_its_fold_along():
    rest = {k: table for k, table in simulated_tables().items() if k != "probes"}
    text = words(simulated_page(tables=rest))
    assert [fold for fold in FOLDS if fold in text] == list(FOLDS[:2])
    empty = words(make_page(tables={}, config=SIMULATED))
    assert "compared no simulated recording" in empty
    frames = {"evaluation": make_frames_only_evaluation()}
    assert "On 30 frames" in words(simulated_page(tables=frames))


def test_tables_as_read_from_csv(tmp_path):
    read = {}
    for name, frame in simulated_tables().items():
        if len(frame.columns):
            frame.to_csv(tmp_path / f"{name}.csv", index=False)
            read[name] = pd.read_csv(tmp_path / f"{name}.csv")
    # A missing prediction turns digits into 3.0.
    text = words(simulated_page(tables=read))
    assert "digit shown: 3" in text
    assert not re.search(r"\b\d\.0 (right|wrong|seed)", text)
    assert not re.search(r"\bnan\b", text)


def test_names_cannot_smuggle_in_html(drawn):
    tables = {name: table.replace("plain", NASTY) for name, table in simulated_tables().items()}
    tables["probes"] = tables["probes"].assign(part=NASTY, method=NASTY)
    tables["predictions"] = tables["predictions"].assign(set=NASTY, variant=NASTY)
    tables["recordings"] = tables["recordings"].replace("A", NASTY).assign(note=NASTY)
    tables["layers"]["layer"] = NASTY
    html = simulated_page(
        tables=tables,
        provenance=PROVENANCE | {"device": NASTY, "rerun_command": NASTY},
        panels={NASTY: {"raster": drawn["twins"]}},
    )
    assert NASTY not in html
    assert html.count("&lt;script&gt;") > 5
