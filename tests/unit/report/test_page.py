"""The page says what the tables say, in one file that fetches nothing."""

import base64
import hashlib
import re

import pandas as pd
import pytest
from drawings import save_charts
from pages import (
    NASTY,
    SIMULATED,
    make_choice,
    make_page,
    make_study,
    make_tables,
    parsed,
    words,
)
from result_tables import (
    METHODS,
    make_evaluation,
    make_frames_only_evaluation,
    make_predictions,
    make_probes,
    make_trainings,
)

from dvs_snn.files.tables import result_tables, schema
from dvs_snn.report import drawing, page, table
from dvs_snn.report.priced_models import compared_prices
from dvs_snn.report.sections.answer import headline_of
from dvs_snn.report.text import listed, significant, spread

TUTORIAL = {"study": "tutorial", "data": {"source": "tutorial"}}

# --- the whole page -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A page with every chart."""
    figures = save_charts(tmp_path_factory.mktemp("figures"))
    tables = make_tables() | {"probes": make_probes(), "predictions": make_predictions()}
    return make_page(figures=figures, tables=tables)


@pytest.fixture(scope="module")
def text():
    """The words of a page without figures."""
    return words(make_page())


def part_of(html, name):
    """The words of a section."""
    part = html.split(f'<section aria-labelledby="{name}">')[1].split("</section>")[0]
    return words(f"<body>{part}</body>")


def answer_of(config=(), **tables):
    """The answer's words, of made-up tables of which some are changed."""
    return part_of(make_page(config=config, tables=make_tables() | tables), "answer")


def test_page_has_eight_sections_and_a_chart_in_each_that_shows_one(whole):
    sections = re.findall(r'<section aria-labelledby="([^"]+)">', whole)
    contents = whole.split("<nav")[1].split("</nav>")[0]
    assert sections == re.findall(r'href="#([^"]+)"', contents)
    assert len(sections) == 8
    assert whole.count('class="chart"') == len(drawing.figure_names()) == 7
    assert len(re.findall(r'<details class="menu"', whole)) == 7
    assert "img" not in parsed(whole).tags


def test_nothing_is_fetched_and_only_its_own_scripts_run(whole):
    found = parsed(whole)
    others = [address for address in found.addresses if not address.startswith(("data:", "#"))]
    # A link is followed by a click alone.
    assert set(others) == set(re.findall(r'<a href="(https://[^"]+)">', whole))
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


def test_the_index_names_every_table_and_holds_the_small_ones(whole):
    index = part_of(whole, "reproduce")
    held = re.search(r'download="budgets.csv" href="data:text/csv;base64,([^"]+)"', whole)
    assert base64.b64decode(held[1]).startswith(b"axis,budget,validation_cost")
    # Of points there are too many.
    assert 'download="points.csv"' not in whole
    for name, row in result_tables().items():
        is_there = name in make_tables() or name in ("probes", "predictions")
        assert (
            f"{name}.csv {row.replace('`', '')}" in index.replace(" ,", ",")
        ) == is_there or "`" in row


def test_tables_scroll_in_a_box_and_name_their_columns(whole):
    # The scripts hold Vega.
    html = re.sub(r"<script>.*?</script>", "", whole, flags=re.DOTALL)
    assert html.count("<table>") == html.count("<caption>")
    for head in re.findall(r"<table>.*?</thead>", html, re.DOTALL):
        assert 1 < head.count("<th ") <= table.MOST_COLUMNS
    assert '<th scope="col"' in whole
    assert '<th scope="row"' in whole


# --- numbers --------------------------------------------------------------------------------------


def test_the_answer_is_one_table_a_verdict_and_what_is_assumed(text):
    evaluation = make_tables()["evaluation"]
    rows = evaluation[(evaluation["set"] == "test") & (evaluation["chosen"] == 1)]
    read = f"{100 * rows['accuracy'].mean():.1f} %"
    # 25 µJ at scale 1, in 298.7 ms.
    assert f"{read} accuracy for 50 µJ per recording" in text
    assert "20 real recordings: test network accuracy (95 %) µJ per recording ms operations" in text
    assert f"rescaled scale 2.00 {read}" in text
    assert "50 299 5 M SynOps" in text
    # As if a MAC cost 10 pJ.
    cnn = "CNN frames of 1000 events, exit at a lead of 2 97.0 %"
    assert re.search(f"{cnn}.* 24 80 2.40 M MACs", text)
    assert (
        "Energy is computed, not measured: 10 pJ per SynOp on a chip that handles one event at a "
        "time. Idle power counts as 0 mW; Speck's 0.42 mW ( Yao et al. 2024 ) over 299 ms would "
        "add 125 µJ to each recording."
    ) in text
    # 3.015 M SynOps beside 1.2 M MACs, at 10 pJ.
    cheaper = "It is cheaper if a MAC costs less than 25.1 pJ."
    assert f"The CNN, which stops early and skips zeros, has 97.0 % accuracy. {cheaper}" in text
    assert "chose all settings on 5 other drawn digits (validation): the cheapest within 1" in text
    read = "is right on 87.5 % of extra (real, 4 recordings, not a result)."
    assert read in text


MEMORY = {"arithmetic": (1.0, 2.0), "memory": (20.0, 5.0), "reuse": (9.0, 1.5)}
"""By model what the spiking network and the sparse CNN need in µJ: memory makes the CNN cheaper."""


def at_equal_accuracy(ratio=4.0, energies=MEMORY):
    """Tables in which both sides reach 95 %: for 2 M SynOps in 100 ms, 0.5 M MACs in 60.

    Args:
        ratio: SynOps over MACs, as the table tells it.
        energies: of a reading in µJ by model, of the spiking network and of the CNN.
    """
    about = {"set": "test", "at": "equal accuracy", "accuracy": 0.95, "n_seeds": 2}
    spiking = about | {"side": "spiking", "method": "any", "counted": "SynOps"}
    sparse = about | {"side": "cnn", "method": "sparse-cnn", "counted": "MACs at non-zero"}
    of_spiking = {"operations_per_reading": 2e6, "operations_per_reading_low": 1.5e6}
    of_spiking |= {"time_to_exit_ms": 100.0, "bound": ""}
    of_sparse = {"operations_per_reading": 2e6 / ratio, "time_to_exit_ms": 60.0, "bound": ""}
    of_sparse |= {"reference": "spiking", "reference_operations": 2e6, "ratio": ratio}
    of_sparse |= {"ratio_low": ratio - 1, "ratio_high": ratio + 1}
    priced = []
    for model, both in energies.items():
        kind = "arithmetic" if model == "arithmetic" else "memory"
        price = {"model": model, "kind": kind, "idle_mw": 0.0, "source": "Yao et al. 2024"}
        for side, uj, ms in zip((spiking, sparse), both, (100.0, 60.0), strict=True):
            energy = {"operations_uj": uj, "energy_per_reading_uj": uj, "time_ms": ms}
            priced.append(side | price | energy)
            # With Speck's idle power the order is another one, but the page leaves it out.
            energy |= {"energy_per_reading_uj": uj + 0.42 * ms}
            priced.append(side | price | energy | {"idle_mw": 0.42})
    equal = pd.DataFrame([spiking | of_spiking, sparse | of_sparse])
    return {"equal_accuracy": equal, "energy": pd.DataFrame(priced)}


def test_the_verdict_compares_both_sides_at_one_accuracy():
    text = answer_of(**at_equal_accuracy()).replace("\u00a0", " ")
    assert "per recording, but the sparse CNN needs fewer operations" in text
    assert (
        "At 95 % accuracy the spiking network needs 2 million SynOps per recording, and the sparse "
        "CNN 0.500 million MACs. So the spiking network needs 4 (3 to 5) times as many operations. "
        "The CNN is cheaper under all 2 models of energy that count memory or a whole chip."
    ) in text
    rivals = part_of(make_page(tables=make_tables() | at_equal_accuracy()), "cnn")
    assert rivals.startswith("Once memory counts, the CNN is cheaper under 2 of 2 models of energy")
    assert "arithmetic 1 2 spiking, 2 times" in rivals.replace("– ", "")
    assert "memory 20 5 CNN, 4 times" in rivals.replace("– ", "")
    # 0.42 mW for 100 and for 60 ms.
    assert (
        "Speck's idle power of 0.42 mW would add 42 µJ to the spiking network and 25.2 µJ to the "
        "sparse CNN."
    ) in rivals


TURNED = {model: both[::-1] for model, both in MEMORY.items()}
MIXED = MEMORY | {"reuse": TURNED["reuse"]}


@pytest.mark.parametrize(
    ("energies", "cheaper", "heading", "sentence"),
    [
        (
            MEMORY,
            ["spiking, 2 times", "CNN, 4 times", "CNN, 6 times"],
            "the CNN is cheaper under 2 of 2",
            "The CNN is cheaper under all 2 models of energy",
        ),
        (
            MIXED,
            ["spiking, 2 times", "CNN, 4 times", "spiking, 6 times"],
            "the spiking network is cheaper under 1 of 2",
            "The spiking network is cheaper only under the model “reuse”",
        ),
        (
            TURNED,
            ["CNN, 2 times", "spiking, 4 times", "spiking, 6 times"],
            "the spiking network is cheaper under 2 of 2",
            "The spiking network is cheaper under all 2 models of energy",
        ),
    ],
)
def test_who_is_cheaper_follows_the_energies(energies, cheaper, heading, sentence):
    tables = make_tables() | at_equal_accuracy(energies=energies)
    prices = compared_prices(make_study(tables=tables))
    assert prices.models["cheaper"].tolist() == cheaper
    html = make_page(tables=tables)
    assert part_of(html, "cnn").startswith(f"Once memory counts, {heading} models of energy")
    assert sentence in part_of(html, "answer")


@pytest.mark.parametrize(("ratio", "needs"), [(4.0, "but the {} fewer"), (0.5, "and the {} more")])
def test_the_title_says_which_side_needs_fewer_operations(ratio, needs):
    text = answer_of(**at_equal_accuracy(ratio))
    assert f"{needs.format('sparse CNN needs')} operations" in text.split("At 95 % accuracy")[0]


def test_the_dense_cnn_wins_where_it_is_the_cheapest():
    tables = make_tables() | at_equal_accuracy()
    dense = tables["energy"].query("side == 'cnn'").assign(
        method="cnn", counted="all MACs", energy_per_reading_uj=0.25
    )  # fmt: skip
    tables["energy"] = pd.concat([tables["energy"], dense])
    prices = compared_prices(make_study(tables=tables))
    assert prices.models["dense"].tolist() == [0.25] * 3
    assert prices.models["rival"].tolist() == [2.0, 5.0, 1.5]
    assert prices.models["cheaper"].tolist() == [f"CNN, {n} times" for n in (4, 80, 36)]


def test_chosen_points_are_priced_where_no_accuracy_is_reached_by_both():
    """The shipped models at hand-worked amounts: 5 M SynOps beside 2.4 M MACs at non-zero."""
    prices = compared_prices(make_study()).models.set_index("model")
    # 0.03 pJ a SynOp and 0.23 pJ a MAC; 0.9 and 4.6 pJ.
    by_hand = {"arithmetic, int8": (0.15, 0.552), "arithmetic, float32": (4.5, 11.04)}
    # All MACs count at 11.9 pJ: half of those of two frames, 2.9 M.
    by_hand |= {"chips, lowest Speck": (5 * 14.85, 2.9 * 11.9)}
    for model, (spiking, cnn) in by_hand.items():
        assert prices.loc[model, ["spiking", "rival"]].tolist() == pytest.approx([spiking, cnn])
        assert prices.loc[model, "is_spiking"] == (spiking < cnn)
    # A MAC at zero is left out where only those at non-zero count.
    assert prices.loc["arithmetic, int8", "dense"] == pytest.approx(2.9 * 0.23)


def test_an_engine_that_counts_no_layers_leaves_the_prices_of_operations():
    uncounted = pd.DataFrame(columns=list(schema("stop_layers")))
    tables = make_tables(stop_layers=uncounted)
    energy = tables["energy"]
    assert set(energy["kind"]) == {"flat", "arithmetic"}
    # The rows of these prices are those of a study whose engine counts.
    counted = make_tables()["energy"]
    assert {"memory", "chip"} < set(counted["kind"])
    as_before = counted[counted["kind"].isin(["flat", "arithmetic"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(energy.reset_index(drop=True), as_before, check_dtype=False)
    html = make_page(tables=tables)
    rivals = part_of(html, "cnn")
    assert rivals.startswith("Spiking or CNN: only arithmetic can be compared")
    assert "arithmetic, int8 0.150 0.552 0.667 spiking, 3.68 times" in rivals
    assert "full reuse" not in rivals
    assert not re.search(r"\bnan\b", words(html))


def test_real_recordings_of_enough_symbols_answer_and_the_closing_line_names_the_others():
    sizes = {"validation": 400, "test": 1000, "real-twins": 1000, "mine": 40}
    evaluation = make_evaluation(sets=tuple(sizes))
    evaluation["n_symbols"] = evaluation["n_recordings"] = evaluation["set"].map(sizes)
    own = {"evaluation": {"sets": [{"name": "mine", "folder": "mine"}]}}
    html = make_page(config=SIMULATED | own, tables=make_tables(evaluation=evaluation))
    text = part_of(html, "answer")
    assert "1,000 real recordings: real N-MNIST" in text
    closing = text.split("the first network of the table is right on")[1]
    assert "of slow movements (simulated, 1,000 recordings)" in closing
    assert "of mine (real, 40 recordings, not a result)." in closing
    few = evaluation[~evaluation["set"].isin(["real-twins", "test"])].replace("mine", "test")
    assert "40 simulated recordings: slow movements" in answer_of(
        SIMULATED, **make_tables(evaluation=few)
    )


def test_a_point_with_exit_stops_early_and_is_called_by_its_network():
    """Early exit at scale 0.5 and a lead of 4 takes half of the time and of the SynOps."""
    early = make_choice(method="early-exit", exit=4.0, scale=0.5, scale_low=None)
    tables = make_tables(choice=pd.concat([make_choice(), early], ignore_index=True))
    text = answer_of(**tables)
    # The whole recording takes 12.5 µJ in 298.7 ms, and is read with 47.5 % accuracy.
    assert "27.5 % accuracy for 6.25 µJ per recording" in text
    assert "early exit rescaled, scale 0.50, exit at a lead of 4 27.5 %" in text
    first = headline_of(make_study(tables=tables)).splitlines()[0]
    assert "(rescaled, scale 0.50, exit at a lead of 4) has 27.5 % accuracy for 6.25 µJ" in first
    assert first.endswith("It stops after 149 ms, and draws 0.0418 mW until then.")
    soon = part_of(make_page(tables=tables), "soon")
    assert "Stopping early saves 50 % of the energy and changes accuracy by −20.0 points" in soon
    assert "Run to the end, it has 47.5 % for 12.5 µJ in 299 ms" in soon
    # Stopped after 120 ms it takes 1.25 times the SynOps of the whole recording.
    assert "after 120 ms gives the same accuracy, but needs 2.50 times the SynOps." in soon


def with_early_exit(read):
    """Tables of a simulated study that quotes early exit of `lean`, scale 0.5, a lead of 4.

    `read` are accuracies of the quoted network by set. The best method that runs to the end reads
    92.5 % of every set, and the CNN 97 %.
    """
    evaluation = make_evaluation(("plain", "lean"), sets=("validation", *read), methods=METHODS)
    evaluation = evaluation.assign(accuracy=0.925, n_recordings=40, n_symbols=40)
    choice = make_choice(("plain", "lean"), METHODS)
    early = make_choice(("lean",), method="early-exit", scale=0.5, exit=4.0)
    trainings = make_trainings(evaluation).reset_index(drop=True)
    is_quoted = trainings[["variant", "scale", "exit"]].eq(["lean", 0.5, 4.0]).all(axis=1)
    accuracies = trainings["set"].map(read)
    trainings["accuracy"] = accuracies.where(is_quoted & accuracies.notna(), trainings["accuracy"])
    choice = pd.concat([choice, early])
    return make_tables(evaluation=evaluation, choice=choice, trainings=trainings)


def test_the_title_on_real_sets_quotes_the_network_of_the_answer():
    own = {"evaluation": {"sets": [{"name": n, "folder": n} for n in ("mine", "quick")]}}
    read = {"test": 0.96, "mine": 0.285, "quick": 0.945}
    real = part_of(make_page(config=SIMULATED | own, tables=with_early_exit(read)), "real")
    assert real.startswith("28.5 % accuracy on mine (real), 94.5 % accuracy on quick (real)")


def test_prices_of_a_mac_and_what_costs_least(text):
    assert (
        "If a SynOp costs 10 pJ and a MAC 25.1 pJ, with 0 mW of idle power, the quoted spiking "
        "network and the CNN cost the same."
    ) in text
    # The network is quoted to the recordings' ends.
    assert "The CNN stops early and skips zeros." in text
    rivals = part_of(make_page(tables={}), "cnn")
    assert rivals.startswith("Spiking or CNN: nothing to compare")


def test_the_choice_tells_its_rule_and_where_it_lies_at_an_edge(text):
    assert "chosen on validation: the cheapest within 1 percentage point of the best." in text
    assert (
        "at the edge of the scales that were tried: rescaled (the highest scale, scale 2.00)."
        in text
    )
    best = make_choice(edge="")
    best["chosen"] = 1 - best["chosen"]
    other = words(make_page(tables=make_tables() | {"choice": best}))
    assert "at the edge" not in other
    assert "chosen on validation: the most accurate." in other


def test_without_validation_the_network_as_converted_is_quoted():
    nothing = make_choice().iloc[:0]
    tables = make_tables(("plain",), seeds=(1,), sets=("extra",), choice=nothing)
    text = words(make_page(tables=tables))
    assert "Without validation nothing was picked" in text
    assert "No point was chosen: large marks are the networks nearest to scale 1" in text


def test_scales_that_were_not_chosen_are_not_quoted_and_seeds_are_not_pooled(text):
    tables = make_tables()
    evaluation = tables["evaluation"]
    evaluation.loc[evaluation["chosen"] == 0, "accuracy"] = 0.98765
    assert "98.8" not in words(make_page(tables=tables))
    assert "40 recordings" not in text


def test_recordings_show_what_was_read_and_for_how_much(text):
    for part in ("the digit shown is not known", "digit shown: 3", "4,321 events"):
        assert part in text
    # Chosen scale 2.00; seed 2 is silent on C and so wrong.
    assert "rescaled reads 5 (right) and silent (wrong) at 0.0796 mW" in text
    assert "Inside recording A, read as 3" in text
    tables = make_tables()
    tables["recordings"]["chosen"] = 0
    assert "the numbers are those of scale 1.00" in words(make_page(tables=tables))


def test_the_page_tells_how_its_networks_ran():
    parts = {
        "events": ["Recordings are fed event by event", "a chip that handles one event at a time"],
        "steps": ["Recordings are fed in steps of 10 ms", "a chip that computes in time steps"],
    }
    for timing in parts:
        text = words(make_page(config={"inference": {"timing": timing}}))
        for other, sentences in parts.items():
            assert [part in text for part in sentences] == [timing == other] * 2
    # Of recordings in both timings the answer without a choice takes the study's alone.
    tables = make_tables() | {"evaluation": make_frames_only_evaluation()}
    rows = tables["recordings"]
    rows["power_mw"] = rows["timing"].map({"events": 0.125, "steps": 99.0})
    assert "is read as 3, at 0.125 mW" in words(make_page(tables=tables))


# --- odd studies ----------------------------------------------------------------------------------


def test_frames_alone_and_beside_a_spiking_set():
    tables = make_tables() | {"evaluation": make_frames_only_evaluation()}
    text = words(make_page(tables=tables, config=TUTORIAL))
    assert "it can't say how accurate a spiking network is" in text
    assert "The CNN alone is right on 91.2 % of 30 frames (set frames)" in text
    assert "contiguous blocks. We drop 50 frames at each border" in text
    assert "Recording A (it shows 3) is read as 3, at 0.0796 mW" in text
    assert "its digit is not known" in text


def test_empty_tables_and_no_figures_still_make_a_page():
    html = make_page(tables={})
    assert "This study has no labelled recordings" in words(html)
    assert not re.search(r"\bnan\b", words(html))


def lines_of(config=(), **tables):
    """The headline of made-up tables."""
    return headline_of(make_study(config, tables=make_tables() | tables)).splitlines()


def test_the_headline_says_the_answers_sentences_and_what_is_no_result():
    *sentences, mark = lines_of()
    few = "not a result: sets of fewer than 50 symbols, validation (5), test (10), extra (2)"
    assert mark == few
    first = "On 20 real recordings (test) the network chosen on validation (scale 2.00) has"
    assert sentences[0].startswith(first)
    assert "<" not in "".join(sentences)
    assert "On 20 simulated recordings (slow movements)" in lines_of(SIMULATED)[0]


# --- small parts ----------------------------------------------------------------------------------


def test_numbers_have_three_significant_digits():
    values = (0, 0.6593554971209212, 6.593554971209212, 227922624, 12.0, 99.96, 1234.5, 0.00042)
    texts = ("0", "0.659", "6.59", "227,922,624", "12", "100", "1,234", "0.000420")
    assert tuple(map(significant, values)) == texts
    assert significant(3e-9) == "3.00e-09"
    assert significant(None) == significant(float("nan")) == "–"


def test_the_spread_of_seeds():
    assert spread([0.52]) == spread([0.51999, 0.52001]) == "0.520"
    assert spread([0.5, 0.54, None]).replace("\u00a0", " ") == "0.520 (0.500 to 0.540)"
    assert spread([None]) == "–"


def test_words_are_listed():
    assert [listed("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_table_aligns_numbers_and_escapes():
    rows = [{"a": "x", "b": "1,234", "c": "12 (3 to 4)"}, {"a": NASTY, "c": "0.5"}]
    html = table.table_html(rows, "title", {name: name for name in "abc"})
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
    assert (
        "ran 2 recordings in steps with 2 networks. Their answers differ in 2 of 4 readings, and "
        "their output spikes in 3 of 1,200 entries (a neuron in a step). Their SynOps differ by "
        "5,000 parts in a million."
    ) in compared
    assert "Two engines" not in text
    both = words(
        make_page(tables={"verification": pd.concat([rows, rows.assign(timing="events")])})
    )
    assert "By single events 3 of 1,200 entries of 2 recordings differ." in both


@pytest.mark.parametrize(
    ("factor", "low", "title"),
    [
        (2.5, 2.3, "saves SynOps"),
        (1.1, 0.9, "may save"),
        (0.8, 0.6, "doesn't save"),
        (1.5, None, "may save"),
    ],
)
def test_a_method_saves_only_where_rescaling_takes_more(factor, low, title):
    row = {"set": "test", "method": "synop-loss", "at": "equal accuracy", "accuracy": 0.95}
    high = None if low is None else 3.0
    row |= {"side": "spiking", "exits": 0, "ratio": factor, "ratio_low": low, "ratio_high": high}
    choice = make_choice(("plain", "lean"), {"plain": "rescaled", "lean": "synop-loss"})
    choice.loc[choice["variant"] == "lean", "synops_per_3000_events"] = 1e6
    equal = pd.DataFrame([row | {"ratio_bound": ""}])
    tables = make_tables() | {"equal_accuracy": equal, "choice": choice}
    text = part_of(make_page(tables=tables), "trade-off")
    assert text.startswith(f"At 95 % accuracy, synop-loss {title}")
    interval = "no interval" if low is None else f"{significant(low)} to 3"
    start = "rescaled needs this many times the SynOps of synop-loss: "
    assert f"{start}{significant(factor)} ({interval}) on test." in text


def test_published_figures_have_units_and_those_left_out_are_mentioned(text):
    assert "tutorial power at 10 pJ (mW)" in text
    assert "The table leaves out those that aren't comparable" in text
