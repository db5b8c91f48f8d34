"""What runs again, and why: the jobs after each kind of change. Dry runs only."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from running import (
    ROOT,
    SMOKE,
    counted,
    edited,
    planned,
    planned_jobs,
    write_config,
    write_recordings,
)

MODULES = "workflow/scripts/dvs_snn"
# Rules that make data, train or run networks; all others sum up, draw or write what these measured.
MEASURING = re.compile(
    "symbols|simulate_.*|list_set|store_.*|calibrate|tell_apart|accumulate|import_.*|train|convert"
    "|evaluate.*|infer|verify|choose|probe|record_probe|export"
)
# What the trial measures once its validation recordings were read again, and before that.
CHOICE = {"choose": 1, "probe": 6, "export": 1}
FROM_NETWORKS = {"verify": 1, "infer": 6, "evaluate": 6, **CHOICE}
FROM_TRAINING = {"train": 2, "convert": 2, "evaluate_ann": 2, **FROM_NETWORKS}


def measured(jobs: dict[str, int]) -> dict[str, int]:
    """Return the numbers of jobs that measure; a change that runs any ends in the page again."""
    assert not jobs or {"report", "manifest"} <= jobs.keys()
    return {rule: n for rule, n in jobs.items() if MEASURING.fullmatch(rule)}


def run_by_an_edit(jobs: list[dict[str, str]], name: str) -> set[str]:
    """Return the rules of the jobs whose code has the module `name`, and of those that follow."""

    module, changed, running = f"dvs_snn.{name.replace('/', '.')}", set(), []
    # A job stands behind those whose files it reads.
    for job in jobs:
        if module in job["code"].split(", ") or changed & set(job["input"].split(", ")):
            changed |= {*job["output"].split(", "), job["benchmark"]} - {""}
            running.append(job["rule"])
    return set(running) - {"all"}


# Rows of probes.csv bear intervals.
SHOWING = {
    "tables": set(), "report": set(), "evaluation/power": set(),
    "evaluation/statistics": {"probe", "record_probe"},
}  # fmt: skip


@pytest.mark.parametrize("room", SHOWING)
def test_what_only_shows_results_measures_nothing_again(studies, room):
    place = ROOT / MODULES / room
    paths = place.rglob("[!_]*.py") if place.is_dir() else [place.with_suffix(".py")]
    for path in paths:
        name = path.relative_to(ROOT / MODULES).with_suffix("").as_posix()
        again = run_by_an_edit(studies["smoke"], name)
        assert {rule for rule in again if MEASURING.fullmatch(rule)} == SHOWING[room], name


def with_config(smoke: Path, **sections: object) -> tuple[str, ...]:
    return (*SMOKE, write_config(smoke, "mine.yaml", **sections))


def test_a_second_run_has_nothing_to_do(smoke):
    assert planned(smoke) == {}


def one_more_recording(smoke: Path) -> str:
    """Write a table with a recording more, `mine`, and return its name."""
    mine = {"recording": "mine", "symbol": "4/test-1", "label": "4"}
    return Path(write_recordings(smoke / "mine.tsv", mine, beside=True)).name


def one_more_set(smoke: Path) -> dict[str, list[dict[str, str]]]:
    """Write a folder of two recordings and return the settings that name it as a set."""
    for digit in (0, 7):
        (smoke / "more" / str(digit)).mkdir(parents=True, exist_ok=True)
        n = np.arange(2000)
        np.savez(smoke / "more" / str(digit) / "one.npz", t=n * 100, x=n % 60, y=n % 50)
    return {"sets": [{"name": "mine", "folder": "more"}]}


def of_new_set(making: str) -> tuple[dict[str, int], tuple[str, str, str]]:
    rules = {making: 1, "store_set": 1, "evaluate_ann_set": 2, "evaluate_set": 6}
    return rules, ("|".join(rules), "set", "mine")


# Another seed may move the choice, so what reads with the quoted networks runs for all.
OF_SEED = {"train": 1, "convert": 1, "infer": 3, "evaluate_ann": 1, "evaluate": 3}
# Setting -> the change, the numbers of jobs that measure, and which jobs are of the new one alone.
# The table of docs/change_one_thing.md names these settings.
CHANGES = {
    "sweep.scales": (
        lambda smoke: {"sweep": {"scales": [0.46, 1.0, 2.15, 3.0]}},
        # The engines are compared at the highest scale, which is the new one.
        {"evaluate": 2, "infer": 6, "verify": 1, **CHOICE},
        ("evaluate", "scale", "3.00"),
    ),
    "seeds": (
        lambda smoke: {"seeds": [1, 2, 3]},
        OF_SEED | CHOICE | {"probe": 9, "verify": 1},
        ("|".join(OF_SEED), "seed", "3"),
    ),
    "recordings": (
        lambda smoke: {"recordings": one_more_recording(smoke)},
        {"simulate_recording": 1, "infer": 2},
        ("simulate_recording|infer|plot_recording", "recording", "mine"),
    ),
    "evaluation.sets": (lambda smoke: {"evaluation": one_more_set(smoke)}, *of_new_set("list_set")),
    "simulation.sets": (
        lambda smoke: {"simulation": {"sets": {"mine": {"scene": "mnist-dvs", "scales": [4]}}}},
        *of_new_set("simulate_set"),
    ),
    "variants": (
        lambda smoke: {"variants": {"slow": {"learning_rate": 0.0005}}},
        # The networks that were there may be quoted at other points.
        FROM_TRAINING | {"probe": 12},
        ("train|convert|infer|evaluate|evaluate_ann", "variant", "slow"),
    ),
    "model.name": (lambda smoke: {"model": {"name": "sorbaro"}}, FROM_TRAINING, None),
    "training.device": (lambda smoke: {"training": {"device": "auto"}}, FROM_TRAINING, None),
    "power.energy_per_synop_pj": (lambda smoke: {"power": {"energy_per_synop_pj": 2.0}}, {}, None),
}


def table_of_the_page() -> dict[str, set[str]]:
    """Return the rules that docs/change_one_thing.md names for each setting."""
    page = (ROOT / "docs/change_one_thing.md").read_text(encoding="utf-8")
    after = {
        name: set(re.findall(r"`(\w+)`", rules))
        for name, rules in re.findall(
            r"\*(The choice|Tables and page)\* (?:is|are) ([^.]*)\.", page
        )
    }
    rows = [row.strip("| ").split(" | ") for row in re.findall(r"^\|.*\|$", page, re.MULTILINE)]
    table = {}
    for _, do, again in rows[2:]:
        named = set(re.findall(r"`(\w+)`", again))
        for name, rules in after.items():
            named |= rules if name.lower() in again else set()
        settings = set(re.findall(r"`([\w.]+)`", do)) & CHANGES.keys()
        table |= dict.fromkeys(settings or {do}, named)
    return table


@pytest.mark.parametrize("setting", CHANGES)
def test_a_change_runs_what_it_concerns_and_the_page_names_it(smoke, setting):
    change, expected, alone = CHANGES[setting]
    jobs = planned_jobs(smoke, *with_config(smoke, **change(smoke)))
    assert table_of_the_page()[setting] == counted(jobs).keys() - {"all"}
    assert measured(counted(jobs)) == expected
    if alone:
        rules, key, new = alone
        of_rules = [dict(wildcards) for rule, wildcards in jobs if re.fullmatch(rules, rule)]
        assert {wildcards[key] for wildcards in of_rules} == {new}


def test_the_change_that_readme_tries_simulates_and_trains_nothing(smoke):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (settings,) = re.findall(r"^ *echo '(.*)' > mine\.yaml$", text, re.MULTILINE)
    jobs = planned(smoke, *with_config(smoke, **yaml.safe_load(settings)))
    assert jobs["evaluate"] == 2
    assert jobs["plot_figure"] > 0
    assert not [rule for rule in jobs if rule == "train" or rule.startswith("simulate")]


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ({"inference": {"step_ms": 5.0}}, FROM_NETWORKS),
        ({"inference": {"window_ms": 100.0}}, {"infer": 6, "verify": 1, "probe": 2}),
        ({"choice": {"exits": [1, 5]}}, {"evaluate": 6, **CHOICE}),
        # `convert` writes the form that the engine runs.
        ({"inference": {"engine": "sinabs"}}, {"convert": 2, **FROM_NETWORKS}),
    ],
    ids=["step", "window", "exits", "engine"],
)
def test_a_change_runs_the_stages_that_it_concerns(smoke, sections, expected):
    assert measured(planned(smoke, *with_config(smoke, **sections))) == expected


EDITS = {
    f"{MODULES}/report/figures/layers.py": {"plot_figure": 1},
    f"{MODULES}/report/raster.py": {"plot_recording": 3},
    f"{MODULES}/report/sections/answer.py": {},
    "workflow/data/chips.tsv": {"costs": 1, "plot_figure": 1},
    "workflow/report/page.html.j2": {},
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_what_shows_results_runs_its_own_figures_and_the_page(smoke, name):
    comment = b"{# edited #}\n" if name.endswith(".j2") else b"# edited\n"
    with edited(smoke / name, lambda text: text + comment):
        assert planned(smoke) == EDITS[name] | {"report": 1, "manifest": 1, "all": 1}


def test_an_edit_of_training_trains_again_and_a_touch_runs_nothing(smoke, studies):
    loop = smoke / MODULES / "training/loop.py"
    with edited(loop, lambda text: text + b"# edited\n"):
        jobs = planned(smoke)
    assert measured(jobs) == FROM_TRAINING
    # So the modules that jobs list tell what runs again.
    assert jobs.keys() - {"all"} == run_by_an_edit(studies["smoke"], "training/loop")
    with edited(loop, bytes):
        assert planned(smoke) == {}


# The table, what of it is written anew, and the jobs that run again.
STORED = {"probe": 7, "join_probes": 1, "runtimes": 1}
COLUMN_EDITS = {
    "a meaning": ("shared", b"one of `seeds`", b"one of those in `seeds`", {}),
    "a unit": ("layers", b"SynOps/s", b"SynOps per s", {}),
    "a type": ("runtimes", b"seconds\tnumber", b"seconds\twhole", {"runtimes": 1}),
    "a stored type": ("probes", b"amount\tnumber", b"amount\twhole", STORED),
}


@pytest.mark.parametrize("kind", COLUMN_EDITS)
def test_an_edit_of_a_column_runs_what_writes_it_and_of_its_meaning_nothing(smoke, kind):
    table, old, new, rules = COLUMN_EDITS[kind]
    path = smoke / f"workflow/data/tables/{table}.tsv"
    assert old in path.read_bytes()
    with edited(path, lambda text: text.replace(old, new)):
        jobs = planned(smoke)
    after = {"report": 1, "manifest": 1, "all": 1} if rules else {}
    assert {rule: n for rule, n in jobs.items() if rule != "plot_figure"} == rules | after
