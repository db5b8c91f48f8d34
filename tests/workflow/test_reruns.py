"""What runs again, and why: the jobs after each kind of change. Dry runs only."""

import csv
import functools
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import yaml
from running import ROOT, SMOKE, Job, counted, edited, planned, planned_jobs, write_config

MODULES = "workflow/scripts/dvs_snn"
# Rules that make data, train or run networks; all others sum up, draw or write what these measured.
MEASURING = re.compile(
    "symbols|simulate_.*|list_set|bin_.*|calibrate|tell_apart|accumulate|import_.*|train|convert"
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

    def files(job: dict[str, str], *keys: str) -> set[str]:
        return {file for key in keys for file in job.get(key, "").split(", ") if file}

    readers: dict[str, set[int]] = defaultdict(set)
    for number, job in enumerate(jobs):
        for file in files(job, "input"):
            readers[file].add(number)
    module = f"dvs_snn.{name.replace('/', '.')}"
    todo = {number for number, job in enumerate(jobs) if module in job["code"].split(", ")}
    seen = set()
    while todo:
        number = todo.pop()
        seen.add(number)
        todo |= set().union(*(readers[file] for file in files(jobs[number], "output", "benchmark")))
        todo -= seen
    return {jobs[number]["rule"] for number in seen} - {"all"}


@pytest.mark.parametrize("room", ["tables", "report", "evaluation/power", "evaluation/statistics"])
def test_what_only_shows_results_measures_nothing_again(studies, room):
    place = ROOT / MODULES / room
    paths = place.rglob("[!_]*.py") if place.is_dir() else [place.with_suffix(".py")]
    for path in paths:
        name = path.relative_to(ROOT / MODULES).with_suffix("").as_posix()
        again = run_by_an_edit(studies["smoke"], name)
        assert {rule for rule in again if MEASURING.fullmatch(rule)} == set(), name


def with_config(smoke: Path, **sections: object) -> tuple[str, ...]:
    return (*SMOKE, write_config(smoke, "mine.yaml", **sections))


@functools.cache
def jobs_after(smoke: Path, setting: str) -> list[Job]:
    """Return what the change of a setting runs, as `CHANGES` has it: several tests look at it."""
    return planned_jobs(smoke, *with_config(smoke, **CHANGES[setting](smoke)))


def wildcards_of(jobs: list[Job], rule: str) -> list[dict[str, str]]:
    return [dict(wildcards) for name, wildcards in jobs if name == rule]


def test_a_second_run_has_nothing_to_do(smoke):
    assert planned(smoke) == {}


def test_a_new_scale_runs_its_evaluations_and_the_recordings(smoke):
    jobs = jobs_after(smoke, "sweep.scales")
    # The engines are compared at the highest scale, which is the new one.
    assert measured(counted(jobs)) == {"evaluate": 2, "infer": 6, "verify": 1, **CHOICE}
    assert {job["scale"] for job in wildcards_of(jobs, "evaluate")} == {"3.00"}


def test_a_new_seed_runs_its_own_chain(smoke):
    jobs = jobs_after(smoke, "seeds")
    chain = {"train": 1, "convert": 1, "infer": 3, "evaluate_ann": 1, "evaluate": 3}
    # Another seed may move the choice, so what reads with the quoted networks runs for all.
    after = CHOICE | {"probe": 9, "verify": 1}
    assert measured(counted(jobs)) == chain | after
    for rule in chain:
        assert {job["seed"] for job in wildcards_of(jobs, rule)} == {"3"}


def one_more_recording(smoke: Path) -> str:
    """Write a table with a recording more, `mine`, and return its name."""
    table = (smoke / "workflow/data/recordings-smoke.tsv").read_text(encoding="utf-8")
    header, *rows = csv.reader(table.splitlines(), delimiter="\t")
    new = dict.fromkeys(header, "") | {"recording": "mine", "symbol": "4/test-1", "label": "4"}
    with open(smoke / "mine.tsv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerows([header, *rows, [new[key] for key in header]])
    return "mine.tsv"


def one_more_set(smoke: Path) -> dict[str, list[dict[str, str]]]:
    """Write a folder of two recordings and return the settings that name it as a set."""
    for digit in (0, 7):
        (smoke / "more" / str(digit)).mkdir(parents=True, exist_ok=True)
        np.savez(
            smoke / "more" / str(digit) / "one.npz",
            t=np.arange(2000) * 100,
            x=np.arange(2000) % 60,
            y=np.arange(2000) % 50,
        )
    return {"sets": [{"name": "mine", "folder": "more"}]}


def test_a_new_recording_runs_its_own_jobs(smoke):
    jobs = jobs_after(smoke, "recordings")
    assert measured(counted(jobs)) == {"simulate_recording": 1, "infer": 2}
    for rule in ("simulate_recording", "infer", "plot_recording"):
        assert {job["recording"] for job in wildcards_of(jobs, rule)} == {"mine"}


@pytest.mark.parametrize(
    ("setting", "name", "making"),
    [("evaluation.sets", "mine", "list_set"), ("simulation.sets", "small", "simulate_set")],
)
def test_a_new_set_runs_its_own_jobs(smoke, setting, name, making):
    jobs = jobs_after(smoke, setting)
    own = {making: 1, "store_set": 1, "evaluate_ann_set": 2, "evaluate_set": 6}
    assert measured(counted(jobs)) == own
    of_sets = [job for job in map(dict, (wildcards for _, wildcards in jobs)) if "set" in job]
    assert {job["set"] for job in of_sets} == {name}


# The table of docs/change_one_thing.md names these settings.
CHANGES = {
    "sweep.scales": lambda smoke: {"sweep": {"scales": [0.46, 1.0, 2.15, 3.0]}},
    "seeds": lambda smoke: {"seeds": [1, 2, 3]},
    "variants": lambda smoke: {"variants": {"slow": {"learning_rate": 0.0005}}},
    "recordings": lambda smoke: {"recordings": one_more_recording(smoke)},
    "evaluation.sets": lambda smoke: {"evaluation": one_more_set(smoke)},
    "simulation.sets": lambda smoke: {
        "simulation": {"sets": {"small": {"scene": "mnist-dvs", "scales": [4]}}}
    },
    "model.name": lambda smoke: {"model": {"name": "sorbaro"}},
    "training.device": lambda smoke: {"training": {"device": "auto"}},
    "power.energy_per_synop_pj": lambda smoke: {"power": {"energy_per_synop_pj": 2.0}},
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
def test_the_table_names_what_runs_again(smoke, setting):
    jobs = counted(jobs_after(smoke, setting))
    assert table_of_the_page()[setting] == jobs.keys() - {"all"}


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
    f"{MODULES}/report/figures/sets.py": {"plot_figure": 1},
    f"{MODULES}/report/figures/strip.py": {"plot_recording": 3},
    f"{MODULES}/report/sections/answer.py": {},
    "workflow/data/chips.tsv": {"costs": 1, "plot_figure": 2},
    "workflow/report/page.html.j2": {},
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_what_shows_results_runs_its_own_figures_and_the_page(smoke, name):
    comment = "{# edited #}\n" if name.endswith(".j2") else "# edited\n"
    with edited(smoke / name, comment):
        assert planned(smoke) == EDITS[name] | {"report": 1, "manifest": 1, "all": 1}


def test_an_edit_of_training_trains_again_and_a_touch_runs_nothing(smoke, studies):
    loop = smoke / MODULES / "training/loop.py"
    with edited(loop, "# edited\n"):
        jobs = planned(smoke)
    assert measured(jobs) == FROM_TRAINING
    # So the modules that jobs list tell what runs again.
    assert jobs.keys() - {"all"} == run_by_an_edit(studies["smoke"], "training/loop")
    with edited(loop, ""):
        assert planned(smoke) == {}


# The table, what of it is written anew, and the jobs that run again.
COLUMN_EDITS = {
    "a meaning": ("shared", "one of `seeds`", "one of those in `seeds`", {}),
    "a unit": ("layers", "SynOps/s", "SynOps per s", {}),
    "a type": ("runtimes", "seconds\tnumber", "seconds\twhole", {"runtimes": 1}),
    "a stored type": (
        "probes",
        "amount\tnumber",
        "amount\twhole",
        {"probe": 7, "join_probes": 1, "runtimes": 1},
    ),
}


@pytest.mark.parametrize("kind", COLUMN_EDITS)
def test_an_edit_of_a_column_runs_what_writes_it_and_of_its_meaning_nothing(smoke, kind):
    table, old, new, rules = COLUMN_EDITS[kind]
    path = smoke / f"workflow/data/tables/{table}.tsv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    with edited(path, ""):
        path.write_text(text.replace(old, new), encoding="utf-8")
        jobs = planned(smoke)
    after = {"report": 1, "manifest": 1, "all": 1} if rules else {}
    assert {rule: n for rule, n in jobs.items() if rule != "plot_figure"} == rules | after
