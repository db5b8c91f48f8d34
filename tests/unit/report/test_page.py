"""The page says what the tables say, in one file that fetches nothing."""

import base64
import hashlib
import re

import pandas as pd
import pytest
from drawings import every_chart, save_figures
from pages import (
    NASTY,
    SIMULATED,
    make_choice,
    make_page,
    make_recordings,
    make_study,
    make_tables,
    parsed,
    words,
)
from result_tables import (
    make_checks,
    make_evaluation,
    make_frames_only_evaluation,
    make_predictions,
    make_probes,
)

from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.report import page, table
from dvs_snn.report.sections.answer import headline_of
from dvs_snn.report.text import significant

OTHERS = ("frames", "inputs")
"""Figures of the tables that aren't charts."""

TUTORIAL = {"study": "tutorial", "data": {"source": "tutorial"}}
HEADINGS = (
    "The answer", "The trade-off", "Spiking or CNN?", "Latency", "On real recordings",
    "Inside a recording: A, B, C", "Where the operations go", "What goes wrong",
    "How far to trust it", "Published numbers", "Method", "Reproduce",
)  # fmt: skip

# --- the whole page -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Every figure as a file, and those of a recording."""
    return save_figures(tmp_path_factory.mktemp("figures"))


@pytest.fixture(scope="module")
def whole(drawn):
    """A page with every figure."""
    figures, panels = drawn
    tables = make_tables() | {"probes": make_probes(), "predictions": make_predictions()}
    return make_page(figures=figures, panels={name: panels for name in "ABC"}, tables=tables)


@pytest.fixture(scope="module")
def text():
    """The words of a page without figures."""
    return words(make_page())


@pytest.fixture(scope="module")
def answer(text):
    return answer_in(text)


def answer_in(text):
    """The words of the page's answer."""
    return text.split("The answer")[2].split("The trade-off")[0]


def test_page_is_whole_and_has_every_heading(whole):
    text = words(whole)
    for heading in HEADINGS:
        assert heading in text
    # Charts are drawn in place; the other figures of the tables, and one for each recording.
    assert parsed(whole).tags.count("img") == len(OTHERS) + 3
    assert whole.count('class="chart"') == len(every_chart())


def test_nothing_is_fetched_and_only_its_own_scripts_run(whole):
    found = parsed(whole)
    assert all(address.startswith(("data:", "#")) for address in found.addresses)
    assert not re.search(r"@import|url\((?!#)", whole.split("<script>")[0])
    assert not {"iframe", "object", "embed"} & set(found.tags)
    scripts = re.findall(r"<script>(.*?)</script>", whole, re.DOTALL)
    assert len(scripts) == 1 + len(page.SCRIPTS)
    for content in scripts:
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"&#39;sha256-{digest}&#39;" in whole
    assert "default-src &#39;none&#39;" in whole


def test_every_link_within_the_page_arrives(whole):
    targets = re.findall(r'id="([^"]+)"', whole)
    links = {a[1:] for a in parsed(whole).addresses if a.startswith("#")}
    assert links
    assert links <= set(targets)
    assert len(targets) == len(set(targets))


def test_a_figures_one_text_is_its_caption_and_its_alternative_text(whole):
    figures = re.findall(r'alt="([^"]+)"></div><figcaption>(.*?)</figcaption>', whole)
    assert len(figures) == len(OTHERS) + 3
    assert [alt for alt, caption in figures if alt != caption] == []


def test_tables_scroll_in_a_box_and_name_their_columns(whole):
    # The scripts hold Vega.
    html = re.sub(r"<script>.*?</script>", "", whole, flags=re.DOTALL)
    assert html.count("<table>") == html.count("<caption>")
    for head in re.findall(r"<table>.*?</thead>", html, re.DOTALL):
        assert 1 < head.count("<th ") <= table.MOST_COLUMNS
    assert '<th scope="col"' in whole
    assert '<th scope="row"' in whole


# --- numbers --------------------------------------------------------------------------------------


def test_answer_quotes_the_chosen_rows_of_the_test_set(answer):
    evaluation = make_tables()["evaluation"]
    rows = evaluation[(evaluation["set"] == "test") & (evaluation["chosen"] == 1)]
    mean = rows["accuracy"].mean()
    low, high = (100 * bound for bound in wilson_interval(mean, 10))
    read = f"{100 * mean:.1f} % ({low:.1f} to {high:.1f} %)"
    assert f"On the set test the spiking network reads {read} right for" in answer
    assert "20 recordings of 10 symbols, means over 2 seeds" in answer
    # 25 µJ at scale 1, in 298.7 ms; a band of 0.9 to 27 pJ about 10. Speck's floor is 0.42 mW.
    assert "right for 50 µJ a reading , or 4.50 to 135 µJ if a SynOp" in answer
    assert "It reads for 299 ms and draws 0.167 mW meanwhile." in answer
    assert "0.42 mW, a reading takes 175 µJ, at 0.587 mW (scale 2.00" in answer
    assert "3.02 M SynOps per 3,000 events" in answer
    assert "with 2.90 M multiply-accumulates (MACs)" in answer
    assert "cheaper only if a MAC costs more than 1.04 SynOps" in answer


def test_prices_of_a_mac_and_energies_of_a_reading(text):
    energy = text.split("Spiking or CNN?")[2].split("Latency")[0]
    # 3.015 M SynOps beside 2.9 M MACs.
    assert "if a MAC costs 10.4 pJ (rescaled, test)." in energy
    # Arithmetic of 1.2 M MACs at non-zeros, and a chip's of 2.9 M; the cheaper one stands first.
    energy = energy.replace("\u00a0", " ")
    assert "(0.9 against 4.6 pJ, MACs nonzero): on test rescaled (2.71 µJ, 87.5 % right)" in energy
    assert "before cnn (5.52 µJ, 97.0 % right)" in energy
    assert "Eyeriss (10 against 11.9 pJ, MACs dense)" in energy
    assert "before cnn (34.5 µJ, 97.0 % right)" in energy
    assert "On test, rescaled takes 50 µJ a reading of 299 ms without static power" in energy
    assert "and misreads 12.5 %; with 0.42 mW of static power it takes 175 µJ" in energy
    assert "Where 3.35 recordings a second follow each other it draws 0.167 mW" in energy
    assert "With memory and state a reading takes about 50.3 µJ" in energy
    tables = make_tables()
    tables["front"].loc[tables["front"]["macs"] == "nonzero", "synops_per_3000_events"] = 1e5
    assert "on test cnn (0.46 µJ, 97.0 % right) before" in words(make_page(tables=tables))


def test_budgets_name_their_price_and_both_costs_and_chips_stand_beside_the_slider(text):
    budgets = text.split("What a budget of energy buys on the set test, at 10 pJ per SynOp")[1]
    assert "2 – no point within this budget" in budgets
    row = "30 rescaled scale 2.00 87.5 % (80.0 to 90.0 %) 29.5 31.2 in 299 ms 4.50 (3.25 to 6.75)"
    assert row in budgets.replace("\u00a0", " ")
    assert "Marks: Loihi 23.6 to 27.1 pJ and Speck 14.8 to 105 pJ" in text


def test_the_answer_quotes_the_point_with_exit_where_one_was_chosen():
    """Early exit at scale 0.5 and a lead of 4: half of the time, a third of the SynOps."""
    tables = make_tables()
    early = tables["front"].query("scale == 0.5 and method == 'rescaled'").assign(
        method="early-exit", exit=4.0, chosen=1, time_to_exit_ms=150.0,
        energy_per_reading_uj=4.5, power_while_reading_mw=0.03,
    )  # fmt: skip
    row = make_choice(method="early-exit", exit=4.0, scale=0.5, scale_low=None)
    tables |= {"front": pd.concat([tables["front"], early], ignore_index=True)}
    tables |= {"choice": pd.concat([tables["choice"], row], ignore_index=True)}
    text = answer_in(words(make_page(tables=tables)))
    assert "a reading takes 67.5 µJ, at 0.450 mW (scale 0.50, exit at a lead of 4, " in text
    assert "The point of early-exit (scale 0.50, exit at a lead of 4) was chosen on" in text
    assert re.search(r"early-exit test .* rescaled test", text)
    line = headline_of(make_study(tables=tables)).splitlines()[0]
    assert line.startswith("early-exit (scale 0.50, exit at a lead of 4) reads ")
    assert "of test right for 4.50 µJ a reading of 150 ms, 0.0300 mW while it reads; with" in line


def test_answer_says_how_the_scale_was_chosen_and_how_surely(answer):
    assert "The point of rescaled (scale 2.00) was chosen on validation (5 symbols)," in answer
    assert "cheapest within 1 percentage point of the best" in answer
    assert "would have chosen scales from 1.00 to 2.00, at 1.50 to 3.10 M SynOps" in answer
    assert "62.5 % of the draws chose this very point" in answer
    assert "The choice is the highest scale of the grid" in answer
    best = make_choice(edge="")
    best["chosen"] = 1 - best["chosen"]
    other = answer_in(words(make_page(tables=make_tables() | {"choice": best})))
    assert "of the grid" not in other
    assert "one for all seeds: the most accurate." in other


def test_without_validation_every_variant_is_shown_as_converted():
    tables = make_tables(("plain", "slow"), seeds=(1,), sets=("extra",))
    tables |= {"choice": pd.DataFrame(), "budgets": pd.DataFrame()}
    text = words(make_page(tables=tables))
    assert "no validation recordings to choose a scale on" in text
    assert re.search(r"rescaled extra plain, scale 2.00 .* rescaled extra slow, scale 2.00", text)
    assert "What a budget of energy buys" not in text


def test_scales_that_were_not_chosen_are_not_quoted_and_seeds_are_not_pooled(text):
    tables = make_tables()
    evaluation = tables["evaluation"]
    evaluation.loc[evaluation["chosen"] == 0, "accuracy"] = 0.98765
    assert "98.8" not in words(make_page(tables=tables))
    assert "40 recordings" not in text
    assert "20 symbols" not in text


def test_recordings_show_what_was_read_and_for_how_much(text):
    for part in ("the digit shown is not known", "digit shown: 3", "not judged", "4,321 events"):
        assert part in text
    # Chosen scale 2.00; seed 2 is silent on C and so wrong.
    for how in ("by events", "in steps"):
        assert f"plain, seed 1, {how} 2.00 5 (right) 3 1.23 0.0796 90" in text
        assert f"plain, seed 2, {how} 2.00 silent (wrong) 3 1.23 0.0796 –" in text
    tables = make_tables()
    tables["recordings"]["chosen"] = 0
    assert "The numbers are of scale 1.00" in words(make_page(tables=tables))


def test_the_page_tells_how_its_networks_ran():
    parts = {
        "events": ["Recordings are fed event by event", "ran it event by event"],
        "steps": ["Recordings are fed in steps of 10 ms", "ran it in steps of 10 ms"],
    }
    for timing in parts:
        text = words(make_page(config={"inference": {"timing": timing}}))
        for other, sentences in parts.items():
            assert [part in text for part in sentences] == [timing == other] * 2
    # Of recordings in both timings the answer without a choice takes the study's alone.
    tables = make_tables() | {"evaluation": make_frames_only_evaluation()}
    rows = tables["recordings"]
    rows["power_mw"] = rows["timing"].map({"events": 0.125, "steps": 99.0})
    assert "a power of 0.125 mW at 10 pJ" in words(make_page(tables=tables))


# --- odd studies ----------------------------------------------------------------------------------


def test_frames_alone_and_beside_a_spiking_set():
    tables = make_tables() | {"evaluation": make_frames_only_evaluation()}
    text = words(make_page(tables=tables, config=TUTORIAL))
    assert "no labelled recordings, so it can't say how accurate a spiking network is" in text
    assert "On 30 frames of the set frames" in text
    assert "contiguous blocks. We drop 50 frames at each border" in text
    assert "read as 3 (seed 1) and 3 (seed 2)" in text
    assert "its digit is not known" in text
    both = [make_frames_only_evaluation(), make_evaluation(sets=("extra",))]
    text = words(make_page(tables=tables | {"evaluation": pd.concat(both, ignore_index=True)}))
    assert "nearest to 1, as there are no validation recordings" in text


def test_empty_tables_and_no_figures_still_make_a_page():
    html = make_page(tables={})
    assert "This study has no labelled recordings" in words(html)


METHODS = {"plain": "rescaled", "lean": "synop-loss", "own": "qcfs"}


def make_methods(**changes):
    """Three methods; `synop-loss` is the best: a point less accurate, a quarter of the cost."""
    evaluation = make_evaluation(tuple(METHODS), methods=METHODS)
    choice = make_choice(tuple(METHODS), METHODS)
    lean, own = (choice["variant"] == name for name in ("lean", "own"))
    choice.loc[lean, ["accuracy", "synops_per_3000_events"]] = [0.87, 0.75e6]
    choice.loc[own, ["accuracy", "synops_per_3000_events"]] = [0.80, 0.5e6]
    # On the test set as well `lean` is cheaper.
    evaluation.loc[evaluation["variant"] == "lean", "synops_per_3000_events"] /= 4
    return make_tables(evaluation=evaluation, choice=choice) | changes


def test_the_answer_is_the_best_methods_with_rescaling_beside_it():
    text = answer_in(words(make_page(tables=make_methods())))
    assert "synop-loss on the set test" in text
    assert "0.754 M SynOps per 3,000 events)" in text
    assert re.search(
        r"synop-loss test scale 2.00 87.5 % .* 0.754 rescaled test .* 3.02 qcfs test", text
    )
    assert text.count("the spiking network reads") == 1


def test_a_method_of_several_variants_names_the_one_that_was_chosen():
    methods = {"plain": "rescaled", "low": "bptt", "high": "bptt"}
    evaluation = make_evaluation(tuple(methods), methods=methods)
    evaluation.loc[evaluation["variant"] == "high", "chosen"] = 0
    choice = make_choice(tuple(methods), methods).query("variant != 'high'").assign(scale_low=None)
    choice.loc[choice["variant"] == "low", "synops_per_3000_events"] = 1e6
    tables = make_tables(evaluation=evaluation, choice=choice)
    text = answer_in(words(make_page(tables=tables)))
    assert "bptt on the set test" in text
    assert "The point of bptt (low, scale 2.00) was chosen on validation" in text
    assert "would have chosen points, at" in text


def lines_of(config=(), **tables):
    """The headline of made-up tables."""
    return headline_of(make_study(config, tables=make_tables() | tables)).splitlines()


def test_the_headline_quotes_the_answer_and_each_sets_warning():
    answer, mark = lines_of()
    assert (
        mark == "not a result: sets of fewer than 50 symbols, validation (5), test (10), extra (2)"
    )
    evaluation = make_evaluation()
    rows = evaluation[(evaluation["set"] == "test") & (evaluation["chosen"] == 1)]
    assert f"rescaled (scale 2.00) reads {100 * rows['accuracy'].mean():.1f} % (" in answer
    energy = float(answer.split(" of test right for ")[1].split(" µJ")[0])
    assert energy == pytest.approx(rows["energy_uj"].mean(), rel=5e-3)
    assert "simulated" not in answer
    assert "simulated recordings" in lines_of(SIMULATED)[0]
    warning = "warning: extra: 0.3 ms long: is `t` in ms? set `time_unit: ms`."
    assert lines_of(checks=make_checks()) == [answer, mark, warning]
    assert lines_of(checks=make_checks(("validation", "test"))) == [answer, mark]


def test_the_headline_without_a_choice():
    none = make_choice().iloc[:0]
    evaluation = make_evaluation(variants=("plain", "other"))
    lines = lines_of(**make_tables(evaluation=evaluation, choice=none))
    assert sorted(line.split()[0] for line in lines[:-1]) == ["other", "plain"]
    frames = lines_of(evaluation=make_frames_only_evaluation(), choice=none, front=pd.DataFrame())
    assert frames[0].startswith("the CNN alone reads 91.2 %")
    assert [line.split(":")[0] for line in frames[1:]] == [f"recording {x}" for x in "ABC"]


# --- small parts ----------------------------------------------------------------------------------


def test_numbers_have_three_significant_digits():
    values = (0, 0.6593554971209212, 6.593554971209212, 227922624, 12.0, 99.96, 1234.5, 0.00042)
    texts = ("0", "0.659", "6.59", "227,922,624", "12", "100", "1,234", "0.000420")
    assert tuple(map(significant, values)) == texts
    assert significant(3e-9) == "3.00e-09"
    assert significant(None) == significant(float("nan")) == "–"


def test_table_aligns_numbers_and_escapes():
    rows = [{"a": "x", "b": "1,234", "c": "12 (3 to 4)"}, {"a": NASTY, "c": "0.5"}]
    html = table.table_html(rows, "title")
    assert '<th scope="col" class="n">b</th>' in html
    assert '<th scope="col" class="n">c</th>' in html
    assert '<th scope="col">a</th>' in html
    assert "<script" not in html


def test_both_engines_are_told_apart_where_they_were_compared(text):
    rows = pd.DataFrame(
        {
            "variant": "plain", "timing": "steps", "seed": [1, 1, 2, 2],
            "recording": ["a", "b", "a", "b"],
            "scale": [0.1, 0.1, 10.0, 10.0], "entries": 300, "entries_differing": [0, 2, 0, 1],
            "synops_event": [1000, 990, 1000, 1010], "synops_sinabs": 1000,
            "predicted_event": [3, None, 4, None], "predicted_sinabs": [3, None, 5, 2],
        }
    )  # fmt: skip
    compared = words(make_page(tables={"verification": rows}))
    assert "2 recordings at the scales 0.10 and 10.00 of 2 networks" in compared
    assert "3 of 1,200 output entries (digit and time step) differ" in compared
    assert "The SynOps differ by a share of 0.005" in compared
    assert "and 2 of 4 predictions" in compared
    assert "Both engines were run" not in text
    both = words(
        make_page(tables={"verification": pd.concat([rows, rows.assign(timing="events")])})
    )
    assert "By single events both ran the beginnings of 2 recordings: 3 of 1,200 output" in both


# --- what the checks found ------------------------------------------------------------------------


def of_checks(**columns):
    """What the page tells beside the sets; `columns` change the evaluation of the set `extra`."""
    evaluation = make_evaluation().assign(n_beyond=0, accuracy_within=0.5)
    extra = evaluation["set"] == "extra"
    for name, value in columns.items():
        evaluation.loc[extra, name] = value
    html = make_page(tables=make_tables() | {"checks": make_checks(), "evaluation": evaluation})
    section = html.split('<section aria-labelledby="sets">')[1].split("</section>")[0]
    return section, words(f"<body>{section}</body>")


def test_a_warning_stands_beside_the_sets_result():
    section, text = of_checks()
    _, warning = re.findall('<p class="warning">(.*?)</p>', section)
    assert warning.startswith("extra: 0.3 ms long: is <code>t</code> in ms?")
    assert "extra lacks the digits 3 and 6." in text
    assert "test lacks" not in text
    assert "beyond what training saw" not in text


def test_accuracy_is_told_with_and_without_recordings_beyond_training():
    _, text = of_checks(n_beyond=3, accuracy_within=0.75)
    evaluation = make_evaluation()
    chosen = evaluation[(evaluation["set"] == "extra") & (evaluation["chosen"] == 1)]
    whole = f"{100 * chosen['accuracy'].mean():.1f}"
    assert "3 of 4 recordings of extra lie beyond what training saw (duration 4): " in text
    assert f"{whole} % are read right with them, 75.0 % without them." in text
    _, text = of_checks(n_beyond=4, accuracy_within=float("nan"))
    assert "no other is left." in text


def test_a_shown_recording_says_what_of_it_training_never_saw():
    recordings = make_recordings().assign(beyond_training="")
    recordings.loc[recordings["recording"] == "B", "beyond_training"] = "duration_s box_px"
    text = words(make_page(tables=make_tables() | {"recordings": recordings}))
    assert text.count("beyond what training saw: duration and size") == 1
