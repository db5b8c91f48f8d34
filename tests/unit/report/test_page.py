"""The page says what the tables say, in one file that fetches nothing."""

import base64
import hashlib
import re

import jinja2
import pandas as pd
import pytest
from drawings import every_chart, every_figure
from markupsafe import escape
from pages import (
    CONFIG,
    NASTY,
    PROVENANCE,
    make_choice,
    make_page,
    make_recordings,
    make_tables,
    parsed,
    words,
)
from result_tables import (
    make_ablation,
    make_checks,
    make_evaluation,
    make_exits,
    make_frames_only_evaluation,
    make_predictions,
)

from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.report import origin, page
from dvs_snn.report import text as page_parts
from dvs_snn.report.figures.registry import FIGURES_BY_FOLDER, about
from dvs_snn.report.sections.recordings import recording_table
from dvs_snn.report.style import save

PANELS = FIGURES_BY_FOLDER["recording"]
OTHERS = (*FIGURES_BY_FOLDER["results"], *FIGURES_BY_FOLDER["cost"])
HEADINGS = (
    "The answer", "The trade-off", "Spiking or CNN?", "Latency", "On real recordings",
    "Inside a recording: A, B, C", "Where the operations go", "What goes wrong",
    "How far to trust it", "Published numbers", "Method", "Reproduce",
)  # fmt: skip

# --- the whole page -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Every figure as a file."""
    folder = tmp_path_factory.mktemp("figures")
    for name, draw in every_figure().items():
        save(draw(), folder / f"{name}{about(name).suffix}")
    for name, drawn in every_chart().items():
        save(drawn, folder / f"{name}.svg")
    return folder


def paths_of(folder):
    """The files of a page's figures by name, as the job that writes the page has them."""
    names = [name for names in FIGURES_BY_FOLDER.values() for name in names]
    paths = {name: folder / f"{name}{about(name).suffix}" for name in names}
    return {name: path for name, path in paths.items() if path.exists()}


@pytest.fixture(scope="module")
def whole(drawn):
    """A page with every figure."""
    own = {name: path for name, path in paths_of(drawn).items() if name in PANELS}
    tables = make_tables() | {"ablation": make_ablation()}
    tables |= {"predictions": make_predictions()}
    return make_page(figures=paths_of(drawn), panels={name: own for name in "ABC"}, tables=tables)


def without_scripts(html):
    """A page without its scripts, which hold Vega."""
    return re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)


def test_page_is_whole_and_has_every_heading(whole):
    text = words(whole)
    for heading in HEADINGS:
        assert heading in text
    # Charts are drawn in place; the other figures of the tables, and four for each recording.
    assert parsed(whole).tags.count("img") == len(OTHERS) + 12
    assert whole.count('class="chart"') == len(FIGURES_BY_FOLDER["charts"])


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
    targets = set(re.findall(r'id="([^"]+)"', whole))
    links = [a[1:] for a in parsed(whole).addresses if a.startswith("#")]
    assert links
    assert set(links) <= targets
    assert len(re.findall(r'id="([^"]+)"', whole)) == len(targets)


def test_every_image_has_a_text_instead(whole):
    images = re.findall(r"<img [^>]*>", without_scripts(whole))
    assert all(re.search(r'alt="[^"]{10,}"', image) for image in images)


def test_a_figures_one_text_is_its_caption_and_its_alternative_text(whole):
    figures = re.findall(r'alt="([^"]+)"></div><figcaption>(.*?)</figcaption>', whole)
    assert len(figures) == len(OTHERS) + 12
    assert [alt for alt, caption in figures if alt != caption] == []


def test_a_charts_alternative_text_begins_with_what_was_found(whole):
    said_of = dict(re.findall(r'id="chart-([^"]+)" role="img" aria-label="([^"]+)"', whole))
    said_of = {name: words.replace(page_parts.NBSP, " ") for name, words in said_of.items()}
    assert said_of["break-even"].startswith(
        "At 10 pJ per SynOp both cost the same if a MAC costs 10.4 pJ (rescaled, test)"
    )
    assert said_of["layers"].startswith("On test, fc1 takes 50.0 % of the SynOps")
    assert said_of["sets"].startswith("rescaled reads 87.5 % of test (real, n = 10)")


def test_tables_scroll_in_a_box_and_name_their_columns(whole):
    html = without_scripts(whole)
    assert html.count("<table>") == html.count("<caption>")
    for table in re.findall(r"<table>.*?</thead>", html, re.DOTALL):
        assert 1 < table.count("<th ") <= page_parts.MOST_COLUMNS
    assert '<th scope="col"' in whole
    assert '<th scope="row"' in whole


def test_page_repeats_byte_for_byte():
    assert make_page() == make_page()


# --- banner ---------------------------------------------------------------------------------------


def test_a_smoke_run_is_no_result_whatever_its_data():
    for source in ("simulated", "folder"):
        assert parsed(make_page(study="smoke-2", source=source)).text[1].startswith(origin.SMOKE)
    assert "not a result" in origin.SMOKE


def test_simulated_data_is_said_first_and_real_data_has_no_banner():
    assert parsed(make_page(study="s", source="simulated")).text[1] == origin.SIMULATED_BANNER
    assert origin.SIMULATED_BANNER.startswith("simulated recordings")
    assert parsed(make_page()).text[1].startswith("How much power")


# --- numbers --------------------------------------------------------------------------------------


def answer_of(**changes):
    """The words of the page's answer."""
    return words(make_page(**changes)).split("The answer")[2].split("The trade-off")[0]


def test_answer_quotes_the_chosen_rows_of_the_test_set():
    evaluation = make_tables()["evaluation"]
    rows = evaluation[(evaluation["set"] == "test") & (evaluation["chosen"] == 1)]
    text = answer_of()
    mean = rows["accuracy"].mean()
    low, high = (100 * bound for bound in wilson_interval(mean, 10))
    read = f"{100 * mean:.1f} % ({low:.1f} to {high:.1f} %)"
    assert f"On the set test the spiking network reads {read} right at" in text
    assert "20 recordings of 10 symbols, means over 2 seeds" in text
    # 0.0837 mW at scale 1 and 10,000 SynOps more for each seed; a band of 0.9 to 27 pJ about 10.
    power = 0.0837 * (2 + 0.01)
    assert f"right at {power:.3f} mW , or {0.09 * power:.4f} to {2.7 * power:.3f} mW" in text
    assert "From 120 ms on, on average, its reading no longer changes" in text
    assert f"{power * 120:.1f} µJ per decision" in text
    # 20 points more than at scale 1.00 for as many milliwatts as scale 1.00 takes of its own.
    assert f"Above scale 1.00, accuracy changes by {20 / 0.0837:.0f} percentage points for" in text
    assert "3.02 M SynOps per 3,000 events" in text
    single = f"seed 1: {100 * rows['accuracy'].iloc[0]:.1f} %"
    assert single in text


def test_answer_says_when_a_spiking_network_is_cheaper_than_the_cnn():
    text = answer_of()
    assert "with 2.90 M multiply-accumulates (MACs)" in text
    assert "cheaper only if a MAC costs more than 1.04 SynOps" in text


def energy_of(**changes):
    """The words of the section on both networks' energy."""
    return words(make_page(**changes)).split("Spiking or CNN?")[2].split("Latency")[0]


def test_energy_of_a_synop_is_derived_on_the_page():
    text = energy_of()
    assert "(power − 0.42 mW at rest) × 540 ms / spikes, and find 4.28 to 7.59 nJ per spike" in text
    assert "reaches 288 synapses where the next convolution has no stride" in text
    assert "that makes 14.8 to 26.4 pJ per SynOp" in text
    assert "that makes 59.4 to 105 pJ" in text
    # Four of Speck reach beyond, three of SpiNNaker lie above, SNE lies below.
    assert "Of 19 figures of chips, 11 lie within 0.9 to 27 pJ" in text
    for other in ("4 from within to above", "3 above", "1 below"):
        assert other in text


def test_page_says_at_which_price_of_a_mac_the_spiking_network_is_cheaper():
    """3.015 M SynOps beside 2.9 M MACs, at 10, 0.9 and 27 pJ a SynOp."""
    text = energy_of()
    assert "The method rescaled is cheaper than the CNN if a MAC costs more than" in text
    assert "10.4 pJ on test (0.936 to 28.1 pJ over the band)" in text
    assert "on test at 45 nm, float32 (0.9 against 4.6 pJ)" in text
    # Other sets than the answer's stand in the table alone.
    assert "pJ on extra" not in text
    assert "extra rescaled (plain, scale 2.00) 1.04" in text
    dear = make_tables()
    dear["break_even"]["cheaper"] = "CNN"
    assert "on no set at 45 nm, float32" in energy_of(tables=dear)


def test_energy_of_a_decision_stands_beside_that_of_a_recording():
    text = energy_of()
    assert "On test, rescaled takes 20.2 µJ per decision without static power" in text
    assert "and misreads 12.5 %; with 0.42 mW of static power it takes 70.6 µJ" in text
    row = "test rescaled 0 0.168 (0.0151 to 0.454) 120 20.2 (1.82 to 54.5) 50"
    assert row in text
    assert "On extra," not in text
    assert "extra rescaled 0 0.168" in text


def test_a_network_without_an_output_spike_has_no_energy_of_a_decision():
    tables = make_tables()
    tables["costs"][["time_to_decision_ms", "energy_per_decision_uj"]] = None
    assert "On test, rescaled decides nothing: it has no output spike." in energy_of(tables=tables)


def test_answer_says_how_the_scale_was_chosen_and_how_surely():
    text = answer_of()
    chosen = "The point (scale 2.00) was chosen on validation (5 symbols), one for all seeds: the"
    assert f"{chosen} cheapest" in text
    assert "cheapest within 1 percentage point of the best" in text
    assert "would have chosen scales from 1.00 to 2.00, at 1.50 to 3.10 M SynOps" in text
    assert "62.5 % of the draws chose this very point" in text
    assert "The choice is the highest scale of the grid" in text
    inside = make_tables() | {"choice": make_choice(edge="")}
    assert "of the grid" not in answer_of(tables=inside)
    best = make_choice()
    best["chosen"] = 1 - best["chosen"]
    assert "one for all seeds: the most accurate." in answer_of(
        tables=make_tables() | {"choice": best}
    )


def test_without_validation_the_answer_says_so():
    tables = make_tables() | {"evaluation": make_evaluation(sets=("extra",))}
    tables |= {"choice": pd.DataFrame(), "budgets": pd.DataFrame()}
    text = words(make_page(tables=tables))
    assert "no validation recordings to choose a scale on" in text
    assert "What a budget buys" not in text


def test_early_exit_tells_what_stopping_costs_beside_running_on(whole):
    said_of = words(whole).split("Latency")[2].split("On real recordings")[0]
    # Means of two seeds, of the set `test`: the second lead at scale 0.5, then the whole recording.
    for part in (
        "validation chose scale 0.50, exit at a lead of 4",
        "On test it reads 67.5 % right with 0.300 M SynOps and 3 µJ per decision, after 100 ms",
        "Run to the end it reads 87.5 % with 0.600 M SynOps and 6 µJ, after 200 ms",
    ):
        assert part in said_of.replace("\u00a0", " ")


def test_an_early_exit_that_was_never_chosen(drawn):
    paths = paths_of(drawn)
    page = make_page(figures=paths, tables=make_tables() | {"exits": make_exits(chosen=(0.5, 9))})
    assert "leads validation chose" not in words(page)
    assert about("latency").caption in words(page)


def test_a_budget_that_nothing_meets_says_so():
    text = words(make_page())
    assert "What a budget buys on the set test, static power 0 mW" in text
    assert "0.0200 no point within this budget –" in text


def test_accuracies_of_scales_that_were_not_chosen_are_not_quoted():
    tables = make_tables()
    evaluation = tables["evaluation"]
    evaluation.loc[evaluation["chosen"] == 0, "accuracy"] = 0.98765
    assert "98.8" not in words(make_page(tables=tables))


def test_seeds_are_not_pooled():
    text = words(make_page())
    assert "40 recordings" not in text
    assert "20 symbols" not in text


def test_recordings_show_what_was_read_and_for_how_much():
    text = words(make_page())
    assert "the digit shown is not known" in text
    assert "digit shown: 3" in text
    assert "silent" in text
    assert "not judged" in text
    assert "4,321 events" in text
    # Chosen scale 2.00 of recording C, seed 2: silent and so wrong.
    table = recording_table(
        make_recordings().query("recording == 'C' and chosen == 1"), CONFIG["power"]
    )
    assert table.count('<th scope="col"') == 7
    read = words(f"<body>{table}</body>")
    assert "plain, seed 1 2.00 5 (right) 3 1.23 0.0796 90" in read
    assert "plain, seed 2 2.00 silent (wrong) 3 1.23 0.0796 –" in read


def test_recordings_without_a_chosen_scale_fall_back_on_the_network_as_converted():
    tables = make_tables()
    tables["recordings"]["chosen"] = 0
    text = words(make_page(tables=tables))
    assert "The numbers are of scale 1.00" in text


def test_comparison_names_both_slips_and_both_powers():
    text = words(make_page())
    assert "6.59 mW" in text
    assert "0.659 mW" in text
    assert "100 pJ" in text
    assert "1 ms where 10 ms were fed" in text
    assert "2 reproduced, 1 not comparable and 1 differs" in text
    assert "227,922,624" in text


def test_slips_are_told_without_numbers_where_no_table_holds_them():
    tables = make_tables() | {"comparison": pd.DataFrame()}
    text = words(make_page(tables=tables))
    assert "6.59" not in text
    assert "two slips of ten" in text


def test_method_shows_the_network_and_the_split():
    text = words(make_page())
    assert "8 × 62 × 62" in text
    assert "1,003,392" in text  # MACs of both layers
    assert "9,001" in text  # events of the training split
    assert "train 1 3,000 0" in text  # frames
    assert "split by symbol" in text
    assert "frames of 3,000 events" in text


def test_training_says_whether_frames_were_moved():
    assert "magnified 0.6 to 1.0 times, shifted by up to 0.2 of the width" in words(make_page())
    still = {"scale": [1.0, 1.0], "translate": [0.0, 0.0], "degrees": 0.0}
    training = {**CONFIG["training"], "affine": still}
    text = words(make_page(config={**CONFIG, "training": training}))
    assert "Frames stay as they are: none is shifted, scaled or turned." in text
    assert "magnified" not in text


def test_given_weights_are_told_beside_the_numbers_and_have_no_training():
    assert "given" not in words(make_page())
    text = words(make_page(config={**CONFIG, "variants": {"plain": {"weights": "<a>.pt"}}}))
    assert (
        "plain : these weights were given, not trained here. Their 2 seeds are copies of one "
        "network, so they say nothing of how trainings differ." in text
    )
    assert "Variant plain was not trained here: its weights come from the file <a>.pt ." in text
    assert "epochs in batches" not in text
    # Beside a trained variant the words on training stand.
    variants = {"plain": {"weights": "a.pt"}, "lean": {}, "none": None}
    assert "epochs in batches" in words(make_page(config={**CONFIG, "variants": variants}))


def test_training_says_how_the_step_size_goes():
    text = words(make_page())
    assert "The step size rises over the first 12.5 % of the steps, then stays constant." in text
    training = {**CONFIG["training"], "warmup": 0, "schedule": "cosine"}
    text = words(make_page(config={**CONFIG, "training": training}))
    assert "The step size falls along a cosine to zero." in text


def test_frames_are_summed_up_by_split():
    index = pd.DataFrame(
        {
            "split": pd.Categorical(["train", "train", "test"]),
            "t_start_us": [0, 10, 0],
            "n_events": [3000, 2000, 1234],
            "n_saturated": [1, 2, 0],
        }
    )
    text = words(make_page(tables=make_tables() | {"frame_index": index}))
    assert "train 2 2,500 3" in text
    assert "test 1 1,234 0" in text


def test_tutorial_frames_say_how_they_were_split():
    text = words(make_page(study="tutorial", source="tutorial"))
    assert "contiguous blocks. We drop 50 frames at each border" in text


def test_limits_name_what_a_network_of_frames_does_not_suit_and_small_sets():
    text = words(make_page())
    assert "audio" in text
    assert "recurrent networks" in text
    assert "test (10 symbols)" in text


def test_provenance_and_times():
    text = words(make_page())
    assert PROVENANCE["commit"] in text
    assert "dirty" in text
    assert "f" * 64 in text
    assert "Some CPU" in text
    assert "2.9.0" in text
    assert PROVENANCE["rerun_command"] in text
    assert "study: nmnist seed: 7" in text
    assert "train 2 120 61.5 830" in text
    assert "2,600 (2,500 to 2,700) frames/s" in text


def test_provenance_outside_a_repository():
    text = words(make_page(provenance={"commit": None, "dirty": None}))
    assert "no git repository" in text
    assert "results/nmnist/config.used.yaml" in text


# --- odd studies ----------------------------------------------------------------------------------


def test_study_that_has_frames_alone_says_what_can_be_said():
    tables = make_tables()
    tables["evaluation"] = make_frames_only_evaluation()
    text = words(make_page(tables=tables, study="tutorial", source="tutorial"))
    assert "no labelled recordings, so it can't say how accurate a spiking network is" in text
    assert "On 30 frames of the set frames" in text
    assert "91.2 %" in text
    assert "read as 3 (seed 1) and 3 (seed 2)" in text
    assert "its digit is not known" in text


def test_frames_beside_a_spiking_set():
    tables = make_tables()
    both = [make_frames_only_evaluation(), make_evaluation(sets=("extra",))]
    tables["evaluation"] = pd.concat(both, ignore_index=True)
    text = words(make_page(tables=tables))
    assert "the set extra" in text
    assert "frames (30 frames, CNN only)" in text
    assert "nearest to 1, as there are no validation recordings" in text


def test_changes_are_told():
    tables = make_tables() | {"ablation": make_ablation()}
    text = words(make_page(tables=tables)).split("One thing changed at a time")[-2:]
    text = " ".join(text)
    # Per set, method and seed three changes, of which two lie beyond a limit.
    assert "16 of 24 runs" in text
    assert "(n = 200, spread evenly over the set)" in text
    assert "length: 8 times" in text
    assert "−3.0" in text
    assert "2 of 2 seeds" in text


def test_without_a_change_nothing_is_told_of_changes():
    assert "One thing changed" not in words(make_page())


def test_empty_tables_and_no_figures_still_make_a_page():
    html = make_page(tables={}, provenance={})
    assert "This study has no labelled recordings" in words(html)


def test_tables_as_read_from_csv(tmp_path):
    tables = {}
    for name, frame in make_tables().items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        tables[name] = pd.read_csv(tmp_path / f"{name}.csv")
    text = words(make_page(tables=tables))
    assert "digit shown: 3" in text
    assert not re.search(r"\b\d\.0 (right|wrong|seed)", text)
    assert "seed 1: 85.0 %" in text


METHODS = {"plain": "rescaled", "lean": "synop-loss", "own": "qcfs"}


def make_methods(**changes):
    """Three methods; `synop-loss` is the best: a point less accurate, a quarter of the cost."""
    tables = make_tables(tuple(METHODS), METHODS)
    choice = tables["choice"]
    lean, own = (choice["variant"] == name for name in ("lean", "own"))
    choice.loc[lean, ["accuracy", "synops_per_3000_events"]] = [0.87, 0.75e6]
    choice.loc[own, ["accuracy", "synops_per_3000_events"]] = [0.80, 0.5e6]
    # On the test set as well `lean` is cheaper.
    rows = tables["evaluation"]["variant"] == "lean"
    tables["evaluation"].loc[rows, "synops_per_3000_events"] /= 4
    return tables | changes


def test_the_answer_is_the_best_methods_with_rescaling_beside_it():
    text = answer_of(tables=make_methods())
    assert "synop-loss on the set test" in text
    assert "0.754 M SynOps per 3,000 events)" in text
    # The third method has no row, but stands in the trade-off.
    assert re.search(r"synop-loss test scale 2.00 87.5 % .* 0.754 rescaled test .* 3.02", text)
    assert text.count("the spiking network reads") == 1
    assert "qcfs" not in text


def test_where_rescaling_is_the_best_the_cheapest_other_method_stands_beside_it():
    tables = make_methods()
    lean, own = (tables["choice"]["variant"] == name for name in ("lean", "own"))
    tables["choice"].loc[lean, ["accuracy", "synops_per_3000_events"]] = [0.80, 0.75e6]
    tables["choice"].loc[own, ["accuracy", "synops_per_3000_events"]] = [0.80, 0.9e6]
    factor = {
        "set": "test", "at": "equal accuracy", "accuracy": 0.8, "n_symbols": 10, "factor": 4.0,
        "factor_low": 3.1, "factor_high": 5.0,
    }  # fmt: skip
    tables["factors"] = pd.DataFrame([factor | {"method": "synop-loss"}])
    text = answer_of(tables=tables)
    assert "rescaled on the set test" in text
    assert re.search(r"rescaled test scale 2.00 .* synop-loss test .* 0.754", text)
    assert "qcfs" not in text
    rule = "the cheapest within 1 percentage point of the best"
    assert f"chosen by the same rule, from the methods' points: {rule} on validation" in text
    found = (
        "At 80.0 % read right, the SynOps of rescaling are 4 (3.10 to 5) times those of synop-loss"
    )
    assert found in words(make_page(tables=tables))


def test_a_method_of_several_variants_names_the_one_that_was_chosen():
    methods = {"plain": "rescaled", "low": "bptt", "high": "bptt"}
    tables = make_tables(tuple(methods), methods)
    high = tables["evaluation"]["variant"] == "high"
    tables["evaluation"].loc[high, "chosen"] = 0
    tables["choice"] = tables["choice"].query("variant != 'high'").assign(scale_low=None)
    low = tables["choice"]["variant"] == "low"
    tables["choice"].loc[low, "synops_per_3000_events"] = 1e6
    text = answer_of(tables=tables)
    assert "bptt on the set test" in text
    assert "The point (low, scale 2.00) was chosen on validation" in text
    assert "would have chosen points, at" in text


def test_every_method_has_a_row_at_its_chosen_point_and_a_factor():
    factors = pd.DataFrame(
        [
            {"set": "test", "method": "synop-loss", "at": "equal accuracy", "accuracy": 0.95,
             "synops_per_3000_events": 5e5, "rescaled_synops_per_3000_events": 2e6, "factor": 4.0,
             "factor_low": 3.1, "factor_high": None, "n_symbols": 10, "note": "out of reach of"
             " rescaled in 3 % of the draws"},
            {"set": "test", "method": "synop-loss", "at": "equal accuracy", "accuracy": 0.94,
             "synops_per_3000_events": 5e5, "rescaled_synops_per_3000_events": 1e6, "factor": 2.0,
             "factor_high": 2.5, "n_symbols": 10, "note": "out of reach of the method in 3 % of the"
             " draws"},
            {"set": "test", "method": "qcfs", "at": "chosen point", "accuracy": 0.95,
             "method_accuracy": 0.8, "n_symbols": 10, "note": "out of reach of rescaled"},
        ]
    )  # fmt: skip
    text = words(make_page(tables=make_methods(factors=factors)))
    for method, variant in (("rescaled", "plain"), ("synop-loss", "lean"), ("qcfs", "own")):
        assert f"{method} test scale 2.00 87.5 %" in text
        assert f"test {method}, {variant} 1" in text
    assert "95.0 % both 0.500 2 4 (3.10 or more) out of reach of rescaled in 3 %" in text
    assert "94.0 % both 0.500 1 2 (2.50 or less) out of reach of the method in 3 %" in text
    assert "its chosen point (80.0 %) – – – out of reach of rescaled" in text
    found = (
        "At 95.0 % read right, the SynOps of rescaling are 4 (3.10 or more) times those of"
        " synop-loss"
    )
    assert found in text
    # One method alone has neither table.
    alone = words(make_page())
    assert "times cheaper" not in alone
    assert "The point that validation chose for each method" not in alone


def test_without_a_choice_every_variant_is_shown_as_converted():
    tables = make_tables(("plain", "slow"), seeds=(1,), sets=("extra",))
    tables |= {"choice": pd.DataFrame(), "budgets": pd.DataFrame()}
    text = answer_of(tables=tables)
    assert "Single seeds" not in text
    assert text.count("no validation recordings to choose a scale on") == 2


def test_names_and_notes_cannot_smuggle_in_html(drawn):
    tables = make_tables()
    tables["recordings"]["note"] = NASTY
    tables["recordings"]["recording"] = tables["recordings"]["recording"].replace("A", NASTY)
    tables["evaluation"]["variant"] = NASTY
    tables["network"]["layer"] = NASTY
    html = make_page(
        tables=tables,
        config_text=NASTY,
        provenance=PROVENANCE | {"device": NASTY, "rerun_command": NASTY},
        panels={NASTY: {"strip": drawn / "strip.png"}},
    )
    assert NASTY not in html
    assert "&lt;script&gt;" in html


def test_template_that_names_an_unknown_thing_fails(tmp_path):
    for name in (*page.STYLES, *page.SCRIPTS):
        (tmp_path / name).write_text("")
    (tmp_path / "page.j2").write_text("{{ nonsense }}")
    with pytest.raises(jinja2.UndefinedError):
        page.render_page(tmp_path / "page.j2", {})


# --- small parts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.6593554971209212, "0.659"),
        (6.593554971209212, "6.59"),
        (227922624, "227,922,624"),
        (12, "12"),
        (12.0, "12"),
        (99.96, "100"),
        (1234.5, "1,234"),
        (0.00042, "0.000420"),
        (3e-9, "3.00e-09"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_significant(value, text):
    assert page_parts.significant(value) == text


def test_percent_and_interval():
    assert page_parts.percent(0.885) == f"88.5{page_parts.NBSP}%"
    assert page_parts.with_interval(0.885, 0.812, 0.93) == "88.5~% (81.2~to~93.0~%)".replace(
        "~", page_parts.NBSP
    )
    assert page_parts.with_interval(0.885, None, 0.93) == "88.5\u00a0%"


def test_spread():
    def spread(values):
        return page_parts.spread(values, page_parts.significant).replace(page_parts.NBSP, " ")

    assert spread([2.0]) == spread([2, 2]) == "2"
    assert spread([1, 2, None]) == "1.50 (1 to 2)"
    assert spread([]) == "–"


def test_embedded_figures(drawn):
    assert page_parts.embed_figure(drawn / "decision.svg", 'a "b"').startswith(
        '<img src="data:image/svg+xml'
    )
    assert "&#34;b&#34;" in page_parts.embed_figure(drawn / "decision.svg", 'a "b"')
    assert "data:image/png;base64,iVBOR" in page_parts.embed_figure(drawn / "cloud.png", "a")


def test_table_aligns_numbers_and_escapes():
    rows = [{"a": "x", "b": "1,234", "c": "12 (3 to 4)"}, {"a": NASTY, "c": "0.5"}]
    html = page_parts.table_html(rows, "title")
    assert '<th scope="col" class="n">b</th>' in html
    assert '<th scope="col" class="n">c</th>' in html
    assert '<th scope="col">a</th>' in html
    assert "<script" not in html


def test_both_engines_are_told_apart_where_they_were_compared():
    rows = pd.DataFrame(
        {
            "variant": "plain", "seed": [1, 1, 2, 2], "recording": ["a", "b", "a", "b"],
            "scale": [0.1, 0.1, 10.0, 10.0], "entries": 300, "entries_differing": [0, 2, 0, 1],
            "synops_event": [1000, 990, 1000, 1010], "synops_sinabs": 1000,
            "predicted_event": [3, None, 4, None], "predicted_sinabs": [3, None, 5, 2],
        }
    )  # fmt: skip
    text = " ".join(parsed(make_page(tables={"verification": rows})).text)
    assert "2 recordings at the scales 0.10 and 10.00 of 2 networks" in text
    assert "3 of 1,200 output entries (digit and time step) differ" in text
    assert "The SynOps differ by a share of 0.005" in text
    assert "and 2 of 4 predictions" in text
    assert "Both engines were run" not in " ".join(parsed(make_page()).text)


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


def test_the_page_shows_what_the_network_sees_of_added_sets(whole):
    section = whole[whole.index('<h2 id="sets"') : whole.index('<h2 id="recordings"')]
    caption = escape(about("inputs").caption)
    assert f'alt="{caption}"' in section
    assert f"<figcaption>{caption}</figcaption>" in section
    assert "What the network sees of them" not in make_page()


def test_a_warning_stands_beside_the_sets_result():
    section, text = of_checks()
    warned = re.findall('<p class="warning">(.*?)</p>', section)
    assert warned == [
        "extra: 0.3 ms long: is <code>t</code> in ms? set <code>time_unit: ms</code>."
    ]
    assert "extra lacks the digits 3 and 6." in text
    assert "test lacks" not in text
    assert "beyond what training saw" not in text
    # Training stands below the sets, with its own medians.
    assert re.search(r"extra 0\.000300 4,000 0 40", text)
    assert re.search(r"training 0\.300 4,000 0 40", text)


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
    assert text.count("beyond what training saw: duration and size of the digit") == 1
