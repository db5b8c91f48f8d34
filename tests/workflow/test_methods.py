"""Variants of other methods: what their jobs read, what one more of them runs, and their page."""

import re

import pandas as pd
import yaml
from browsing import check_everywhere, needs_chromium
from running import SMOKE, counted, planned_jobs, run_study, write_config

PRESET = "workflow/presets/methods.yaml"
LEAN = {"method": "synop-loss", "start": "plain", "synops": 5e5, "scales": [1.0]}
TIMED = {"method": "bptt", "start": "lean", "scales": [0.71, 1.0]}
# Rules that make data, train and measure.
MEASURING = re.compile("train|convert|simulate_.*|accumulate|store_.*|evaluate.*|infer")


def test_one_more_method_runs_its_own_chain_and_the_cnn_beside_it_is_the_starts(smoke):
    config = write_config(smoke, "mine.yaml", variants={"lean": LEAN, "timed": TIMED})
    jobs = planned_jobs(smoke, *SMOKE, config)
    measured = [(rule, about) for rule, about in jobs if MEASURING.fullmatch(rule)]
    # Two seeds; three recordings A, B, C; one scale and two.
    expected = {"simulate_training": 1, "train": 4, "convert": 4, "infer": 12, "evaluate": 6}
    assert counted(measured) == expected
    assert {dict(about).get("variant") for _, about in measured} == {None, "lean", "timed"}


# Of the preset's variants one for each method, and what these start from.
LEFT_OUT = (
    "normalised-99 normalised-99.99 search-6 synops-650k synops-500k synops-400k synops-320k "
    "bptt-500k".split()
)
# The tiny study's CNN hardly spikes at scale 1.
QUICK = {"epochs": 1, "learning_rate": 0.0003, "start_scale": 4, "scales": [1.0]}


@needs_chromium
def test_the_page_of_every_method_holds_in_a_browser(browser, finished_copy):
    # Its recordings are simulated and its CNN is trained already.
    study = finished_copy()
    variants = yaml.safe_load((study.project / PRESET).read_text(encoding="utf-8"))["variants"]
    kept = [name for name, changes in variants.items() if changes and name not in LEFT_OUT]
    variants = dict.fromkeys(LEFT_OUT) | dict.fromkeys(kept, QUICK)
    config = write_config(study.project, "quick.yaml", variants=variants)
    run_study(study.project, *SMOKE[1:], PRESET, "tiny.yaml", config)
    page = study.results / "report.html"
    check_everywhere(browser, page)
    methods = set(pd.read_csv(study.results / "tables/front.csv")["method"])
    trained = {"bptt", "layer-search", "normalised", "qcfs", "quantised", "synop-loss"}
    assert methods >= trained | {"rescaled", "early-exit"}
