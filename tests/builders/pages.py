"""A report page of made-up tables, and what it says."""

from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
from result_tables import (
    SEEDS,
    every,
    make_budgets,
    make_evaluation,
    make_fixed_stops,
    make_trainings,
)
from tables_of_trainings import tables_of_trainings

from dvs_snn.energy.chips import chips_table, read_chips
from dvs_snn.report import page
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.text import NBSP
from dvs_snn.settings.study_settings import merged, read_study
from dvs_snn.settings.sweep import Power

WORKFLOW = Path(__file__).parents[2] / "workflow"
TEMPLATE = WORKFLOW / "report" / "page.html.j2"
PUBLISHED = WORKFLOW / "data" / "published.tsv"
CHIPS = read_chips(WORKFLOW / "data" / "chips.tsv")
NASTY = "<script>alert('x')</script>"
CONFIG = {
    "study": "nmnist",
    "seed": 7,
    "seeds": [1, 2],
    "data": {"source": "folder", "folder": "recordings"},
    "model": {"name": "tutorial"},
    "inference": {"step_ms": 10},
    "power": {"energy_per_synop_pj": 10, "energy_band_pj": [0.9, 27], "static_power_mw": 0},
}
SIMULATED = {"study": "simulated", "data": {"source": "simulated"}}


def make_recordings():
    """What was shown on B is not known; seed 2 is silent on C."""
    rows = every(variant=["plain"], recording="ABC", seed=SEEDS, scale=(0.5, 1.0, 2.0))
    # By single events and in steps, of which the page's answer takes the study's.
    rows = rows.merge(pd.DataFrame({"timing": ["events", "steps"]}), how="cross")
    label = rows["recording"].map({"A": 3, "C": 5})
    silent = (rows["recording"] == "C") & (rows["seed"] == 2)
    predicted = label.fillna(7).mask(silent)
    numbers = {
        "n_events": 4321, "n_events_outside": 12, "duration_s": 0.3071, "n_steps": 31,
        "synops": 1234567, "cnn_predicted": 3,
    }  # fmt: skip
    return rows.assign(
        **numbers,
        label=label,
        predicted=predicted,
        correct=(predicted == label).astype(float).where(label.notna()),
        silent=silent.astype(int),
        power_mw=0.0398 * rows["scale"],
        time_to_decision_ms=silent.map({True: None, False: 90.0}),
        chosen=(rows["scale"] == 2.0).astype(int),
    )


def make_comparison():
    rows = [
        ("tutorial_power_printed", "mW", 6.593554971209212, 6.593554971209212, "reproduced", ""),
        ("tutorial_power_at_10_pj", "mW", None, 0.65935549, "", "computed here"),
        ("sorbaro_baseline_accuracy", "fraction", 0.963, None, "not comparable", "other data"),
        ("speck_static_power", "mW", 0.42, 0.5, "differs", NASTY),
    ]
    table = pd.DataFrame(rows, columns=["quantity", "unit", "published", "ours", "verdict", "why"])
    ends = {"ours_low": table["ours"], "ours_high": table["ours"]}
    return table.assign(**ends, published_source="tutorial", n=1)


def make_choice(variants=("plain",), methods=None, **changes):
    """What both rules choose on validation, for each variant's method: scale 2.00."""
    row = {
        "exit": None, "stability": 0.625, "set": "validation", "scale": 2.0,
        "scale_low": 1.0, "scale_high": 2.0, "edge": "the highest scale", "accuracy": 0.875,
        "best_scale": 2.0, "best_accuracy": 0.875, "synops_per_3000_events": 3.015e6,
        "synops_low": 1.5e6, "synops_high": 3.1e6, "power_mw": 0.16, "power_low": 0.08,
        "power_high": 0.17, "n_symbols": 5, "n_seeds": 2, "n_draws": 2000,
    }  # fmt: skip
    rules = (("cheapest-within", 1.0, 1), ("best", 0.0, 0))
    return pd.DataFrame(
        [
            row | {"variant": variant, "rule": rule, "within_points": within, "chosen": marked}
            | {"method": (methods or {}).get(variant, "rescaled")} | changes
            for variant in variants
            for rule, within, marked in rules
        ]
    )  # fmt: skip


def make_chips():
    return chips_table(CHIPS, CONFIG["power"]["energy_band_pj"])


@cache
def _default_tables():
    """What `make_tables` returns without an argument."""
    return make_tables(evaluation=make_evaluation())


def make_tables(
    variants=("plain",),
    methods=None,
    evaluation=None,
    choice=None,
    trainings=None,
    stop_layers=None,
    **changes,
):
    """The tables of a small study; those of points follow from `trainings`.

    Args:
        trainings: None: as `make_trainings` makes them of the evaluation.
        stop_layers: what each layer did; None: it follows from the trainings.
    """
    given = (methods, evaluation, choice, trainings, stop_layers)
    if variants == ("plain",) and not changes and all(each is None for each in given):
        return {name: table.copy() for name, table in _default_tables().items()}
    if evaluation is None:
        evaluation = make_evaluation(variants, methods=methods, **changes)
    choice = make_choice(variants, methods) if choice is None else choice
    trainings = make_trainings(evaluation) if trainings is None else trainings
    of_trials = tables_of_trainings(
        trainings,
        choice,
        evaluation,
        pd.read_csv(PUBLISHED, sep="\t"),
        Power(**CONFIG["power"]),
        make_fixed_stops(trainings),
        stop_layers,
    )
    return {
        "evaluation": evaluation,
        "choice": choice,
        "budgets": make_budgets(),
        "chips": make_chips(),
        **of_trials,
        "recordings": make_recordings(),
        "comparison": make_comparison(),
    }


PROVENANCE = {
    "commit": "0123456789abcdef0123456789abcdef01234567",
    "dirty": True,
    "versions": {"python": "3.11.7", "torch": "2.9.0"},
    "seeds": [1, 2],
    "machine": {"cpu": "Some CPU", "cores": 2, "memory_gb": 7.8, "platform": "Linux x86_64"},
    "device": "cpu",
    "finished": "2026-01-01T00:00:00+00:00",
    "data": [{"name": "train", "n_files": 3, "sha256": "f" * 64}],
    "rerun_command": "snakemake --cores 2 --configfile workflow/presets/nmnist.yaml",
}


def make_study(config=(), **changes):
    """A finished study of made-up tables; `config` lies over `CONFIG`."""
    given = {
        "settings": read_study(merged(CONFIG, dict(config))),
        "tables": make_tables(),
        "provenance": PROVENANCE,
        "figures": {},
        "panels": {},
    }
    return FinishedStudy(**(given | changes))


def make_page(**changes):
    return page.render_page(TEMPLATE, make_study(**changes))


class _Body(HTMLParser):
    """The text of a page's body, and every address that it names."""

    def __init__(self):
        super().__init__()
        self.inside, self.text, self.addresses, self.tags, self.open = False, [], [], [], []

    VOID = ("img", "meta", "link", "br", "hr", "input")

    def handle_starttag(self, tag, attributes):
        self.inside |= tag == "body"
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        named = ("src", "href", "srcset", "data", "action", "poster")
        self.addresses += [value for name, value in attributes if name in named]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        unseen = {"script", "style", "svg"} & set(self.open)
        if self.inside and data.strip() and not unseen:
            self.text.append(" ".join(data.split()))


def parsed(html):
    body = _Body()
    body.feed(html)
    assert not body.open
    return body


def words(html):
    """The words of a page."""
    return " ".join(parsed(html).text).replace(NBSP, " ")
