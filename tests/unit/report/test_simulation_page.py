"""The page says that simulated data are simulated, and how far they can be trusted."""

import re

import pandas as pd
import pytest
from pages import (
    NASTY,
    PROVENANCE,
    SIMULATED,
    make_page,
    make_study,
    make_tables,
    parsed,
    words,
)
from result_tables import make_evaluation, make_frames_only_evaluation, make_predictions
from simulated_pages import (
    make_config,
    make_named_predictions,
    make_simulated_tables,
    simulated_page,
)
from simulated_tables import every_simulated_figure

from dvs_snn.probes.twins import TWINS_PER_DIGIT
from dvs_snn.report import drawing, table
from dvs_snn.report import text as page_parts
from dvs_snn.report.sections import wrong
from dvs_snn.report.style import save
from dvs_snn.settings.data import Classes

SECTIONS = (
    "The simulated sensor",
    "Simulated against real",
    "One thing changed at a time",
    "Digit by digit",
)


# --- a simulated study, made up -------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    figures = every_simulated_figure()
    paths = {name: folder / f"{name}{drawing.about(name).SUFFIX}" for name in ("failures", "twins")}
    for name, path in paths.items():
        save(figures[name](), path)
    return paths


@pytest.fixture(scope="module")
def whole(drawn):
    paths = drawn | {"frames": drawn["twins"]}
    panels = {name: {"raster": drawn["twins"]} for name in "ABC"}
    return simulated_page(figures=paths, panels=panels)


@pytest.fixture(scope="module")
def tables():
    """Don't change them."""
    return make_simulated_tables()


@pytest.fixture(scope="module")
def text(tables):
    """The words of a page without figures."""
    return words(simulated_page(tables=tables))


# --- the whole page -------------------------------------------------------------------------------


def test_page_has_every_section_and_figure_and_fetches_nothing(whole):
    text, found = words(whole), parsed(whole)
    for heading in SECTIONS:
        assert heading in text
    assert found.tags.count("img") == len("ABC") + 3
    assert all(a.startswith(("data:", "#")) for a in found.addresses)


def test_every_caption_and_alternative_text_of_simulated_data_says_so(whole):
    captions = re.findall(r"<caption>(.*?)</caption>|<figcaption>(.*?)</figcaption>", whole)
    captions = [a or b for a, b in captions]
    others = ("Layers with weights", "Versions", "Data", "Time and memory")
    others += ("What an operation costs", "Published chips", "SynOps of one fixed recording")
    simulated = [caption for caption in captions if not caption.startswith(others)]
    assert len(simulated) > 25
    alts = re.findall(r'alt="([^"]+)"', whole)
    assert [text for text in (*simulated, *alts) if "imulated" not in text] == []


def test_page_repeats_byte_for_byte():
    assert simulated_page() == simulated_page()


def test_other_studies_have_none_of_it_but_what_goes_wrong():
    html = make_page(tables=make_tables() | {"predictions": make_predictions()})
    text = words(html)
    assert [heading for heading in SECTIONS if heading in text] == ["Digit by digit"]
    assert "imulat" not in text


# --- where the data come from ---------------------------------------------------------------------


def test_sets_read_from_files_are_not_called_simulated(tables):
    config = make_config(
        evaluation={"sets": [{"name": name, "folder": "x"} for name in ("extra", "other")]}
    )
    text = words(simulated_page(config=config, tables=tables))
    assert "Simulated recordings, but for the real ones of extra. Each variant and seed" in text
    alone = tables | {"evaluation": make_evaluation(sets=("extra",))}
    answer = words(simulated_page(config=config, tables=alone)).split("The answer")[2]
    assert "on the set extra , 4 recordings of 2 symbols" in answer[:700]


def test_recording_with_a_file_of_its_own_is_not_called_simulated(drawn):
    panels = {name: {"raster": drawn["twins"]} for name in "ABC"}
    html = simulated_page(panels=panels, own_files=["B"])
    a, b = html.split('id="recording-1">')[1].split('id="recording-2">')
    b = b.split('id="recording-3">')[0]
    assert "<figcaption>Simulated recording. " in a
    assert '<p class="meta">simulated; digit shown: 3' in a
    # The study's folder is named so.
    assert "imulated" not in re.sub(r'src="[^"]*"|results/simulated/', "", b)


# --- method ---------------------------------------------------------------------------------------


def test_method_says_which_symbols_test_and_what_training_varies(text):
    for part in (
        f"The {sum(TWINS_PER_DIGIT):,} test symbols (87 to 117 of each digit)",
        "the very symbols that N-MNIST's first 1,000 training recordings show",
        "40 per digit are for validation and all others for training (random seed 7)",
        "factor on both thresholds – 0.6 to 1.5 0.6 to 2",
        "turn, counter-clockwise as displayed degrees −15 to 15 −20 to 20",
        "events of a frame (where not given, as in the test) – – 900 to 2,500",
        "Training frames hold as many events as the table above says",
        "validation holds each symbol once in both scenes and chooses the points",
        "We split symbols, not writers",
    ):
        assert part in text


def test_other_symbols_and_frames_of_training_are_told_as_they_are(tables):
    config = make_config()
    config["simulation"]["training"]["saccades"]["frame_events"] = None
    config["simulation"]["training"]["mnist-dvs"]["ranges"]["duration_s"] = [0.3, 2.5]
    config["simulation"]["symbols"] |= {"test": [4] * 10, "training": 16}
    config["simulation"]["sensitivity"]["symbols"] = 4
    text = words(simulated_page(config=config, tables=tables))
    assert "events of a frame" not in text
    assert "length of a recording s 0.3 to 2.5 –" in text
    assert "The 40 test symbols (4 of each digit)" in text
    assert "among the symbols that N-MNIST's first 1,000" in text
    assert "16 more of each for training" in text


# --- the simulated sensor -------------------------------------------------------------------------


def test_sensor_table_holds_the_values_in_force(text):
    assert "contrast of an ON event ln intensity 0.2345 0.094" in text
    assert "share of hot pixels – off off" in text
    assert "The sensor dvs128 sees mnist-dvs and paper" in text
    assert "128 × 128 34 × 34 128 × 128" in text
    assert "scale 4: 1.1; scale 8: 2.2; scale 16: 4.2" in text


# --- simulated against real -----------------------------------------------------------------------


def test_calibration_is_told_with_n_and_verdicts(text, tables):
    found = tables["calibration"]["verdict"].value_counts()
    assert "n = 1 recording a scale" in text
    assert f"of 18 values, {found['reproduced']} reproduced and {found['differs']} differ" in text
    row = tables["calibration"].iloc[0]
    numbers = [page_parts.significant(row[name]) for name in ("ours", "ours_low", "ours_high")]
    assert "{} ({} to {})".format(*numbers) in text
    assert "±15 %" in text


def test_twins_are_told_by_half_with_the_shuffled_control(text, tables):
    for heading in ("odd (fitting)", "even (held out)", "odd, shuffled", "all, shuffled"):
        assert heading in text
    paired = tables["paired"]
    rows = paired[(paired["digit"] == "all") & (paired["quantity"] == "count_correlation")]
    # The held-out half stands first.
    rows = rows.set_index("half").loc[["even", "odd", "all"]]
    numbers = rows[["value", "shuffled"]].to_numpy().ravel()
    cells = " ".join(f"{value:.2f}" for value in numbers).replace("-", "−")
    assert f"correlation of the event counts {cells}" in text
    assert "60 even, 60 odd and 120 all" in text
    assert "were not available" not in text


def test_page_says_what_is_left_of_the_differences_in_a_network(text, tables):
    features = tables["features"]
    held_out = features[(features["half"] == "even") & (features["part"] == "nominal")].iloc[0]
    assert f"has an area of {held_out['auc']:.3f} (" in text
    assert f"features is {held_out['distance']:.2g} of their variance" in text
    wrong = features[features["part"] != "nominal"]
    assert text.count("noise doubled (") == len(wrong) == 2


def test_page_says_where_the_real_recordings_were_not_there(drawn):
    tables = make_simulated_tables(real_files=False)
    text = words(simulated_page(tables=tables, figures=drawn))
    assert "The real recordings were not available for this run." in text
    assert "correlation of the event maps" not in text
    assert "correlation of the event counts" in text
    assert "has an area of" not in text
    tables |= {"calibration": pd.DataFrame(), "paired": pd.DataFrame()}
    bare = words(simulated_page(tables=tables))
    assert "compared no simulated recording with a real one" in bare


# --- probes and what goes wrong -------------------------------------------------------------------


def test_each_probe_has_its_words_and_its_table(text):
    probes = text.split("One thing changed at a time")[-1].split("Published numbers")[0]
    # Per set, method and seed three changes, of which two lie beyond a limit; two of the sensor.
    assert "18 of 26 runs" in probes
    assert "rescaled on test threshold: halved −1.2 +30.0 2 of 2 seeds" in probes
    assert "within 200 ms as 95 % of the 800 recordings of validation reach" in probes
    # 10,980 events and 600 SynOps each in a minute, at 10 pJ.
    assert "rescaled on mnist-dvs scene: blank 183 0.00110 1.50 (0 to 3)" in probes
    assert "on n = 3 zeros a scale" in probes
    assert "sensor: threshold on 0.200 0.900 (event_rate_keps at 4) 1.10" in probes
    assert "sensor: amplitude px – 0 4" in probes


def of_test(study):
    """The words of the table of classes of the set `test`."""
    (rows,) = [rows for _, name, rows in wrong.context(study)["of_sets"] if name == "test"]
    return words(f"<body>{table.table_html(rows, '')}</body>")


def test_digits_are_told_by_set_with_n_and_the_commonest_misreading():
    text = of_test(make_study(tables={"predictions": make_named_predictions()}))
    # Of 20 recordings i = 3 is silent, i = 4 is read as 9.
    assert "3 2 50.0 % silent (50.0 %)" in text
    assert "4 2 50.0 % 9 (50.0 %)" in text
    assert "all 20 90.0 % –" in text


def test_other_classes_are_told_by_their_names():
    names = [f"car-{9 - k}" for k in range(10)]
    predictions = make_named_predictions()
    for column in ("label", "predicted"):
        predictions[column] = Classes(names).named(predictions[column])
    tables = {"predictions": predictions[predictions["label"] != "car-0"]}
    study = make_study(tables=tables, config={"data": {"classes": names}})
    text, told = of_test(study), wrong.context(study)
    assert "car-6 2 50.0 % silent (50.0 %)" in text
    assert "car-5 2 50.0 % car-0 (50.0 %)" in text
    assert text.index("car-9 2") < text.index("car-1 2")
    assert "The worst class is the car-5 on test" in told["finding"]
    assert told["confused"] == "Most often the car-5 is read as car-0."


def test_accuracies_of_scales_that_were_not_chosen_are_left_out():
    predictions = make_predictions()
    predictions.loc[predictions["chosen"] == 0, "predicted"] = 5
    rows = wrong.answered(make_study(tables={"predictions": predictions}))
    assert rows["right"].mean() == pytest.approx((8 + 18) / 30)


def test_test_set_is_told_by_scale_where_names_carry_it(text, tables):
    # i = 3 is silent and of scale 16, i = 4 is read as 9 and of scale 8.
    assert "8 10 90.0 % 0.0 % 16 10 90.0 % 10.0 %" in text
    unnamed = words(simulated_page(tables=tables | {"predictions": make_predictions()}))
    assert "MNIST-DVS scale recordings" not in unnamed


def test_digits_are_told_of_the_best_method_and_without_a_choice_of_every_variant(tables):
    one = make_named_predictions()
    both = pd.concat([one, one.assign(variant="quantised")], ignore_index=True)
    tables = tables | {"predictions": both}
    chosen = words(simulated_page(tables=tables))
    # Once for each of two sets.
    assert chosen.count("read right by digit") == 2
    text = words(simulated_page(tables=tables | {"choice": pd.DataFrame()}))
    assert "variant plain;" in text
    assert "variant quantised;" in text


# --- odd studies ----------------------------------------------------------------------------------


def test_a_table_that_is_missing_takes_its_section_along(tables):
    rest = {k: table for k, table in tables.items() if k not in ("probes", "predictions")}
    text = words(simulated_page(tables=rest))
    assert [heading for heading in SECTIONS if heading in text] == list(SECTIONS[:2])


def test_no_table_or_no_figure_still_make_a_page(drawn):
    text = words(make_page(tables={}, config=SIMULATED))
    assert "compared no simulated recording" in text
    frames = {"evaluation": make_frames_only_evaluation(), "predictions": pd.DataFrame()}
    assert "On 30 frames" in words(simulated_page(tables=frames))
    alone = simulated_page(tables={}, figures=drawn)
    assert parsed(alone).tags.count("img") == len(drawn)
    assert "Digit by digit" in words(alone)
    assert "Idle: noise alone" not in words(alone)


def test_tables_as_read_from_csv(tmp_path, tables):
    read = {}
    for name, frame in tables.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        read[name] = pd.read_csv(tmp_path / f"{name}.csv")
    # A missing prediction turns digits into 3.0.
    text = words(simulated_page(tables=read))
    assert "digit shown: 3" in text
    assert not re.search(r"\b\d\.0 (right|wrong|seed)", text)
    assert not re.search(r"\bnan\b", text)
    assert "60 even, 60 odd and 120 all" in text


def test_names_cannot_smuggle_in_html(drawn):
    tables = make_simulated_tables()
    tables["calibration"]["why"] = NASTY
    tables["calibration"]["quantity"] = NASTY
    tables["paired"]["quantity"] = tables["paired"]["quantity"].replace("count_ratio", NASTY)
    tables["probes"] = tables["probes"].assign(part=NASTY, method=NASTY)
    tables["predictions"] = tables["predictions"].assign(set=NASTY, variant=NASTY)
    tables["recordings"] = tables["recordings"].replace("A", NASTY).assign(note=NASTY)
    tables["evaluation"]["variant"] = tables["network"]["layer"] = NASTY
    html = simulated_page(
        tables=tables,
        figures=drawn,
        settings_text=NASTY,
        provenance=PROVENANCE | {"device": NASTY, "rerun_command": NASTY},
        panels={NASTY: {"raster": drawn["twins"]}},
    )
    assert NASTY not in html
    assert html.count("&lt;script&gt;") > 10
