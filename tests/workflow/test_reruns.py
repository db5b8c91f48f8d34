"""What runs again, and why: the jobs after each kind of change. Dry runs only."""

import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from made_archives import write_nmnist
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
TABLES = "workflow/data/tables"
PRICES = "workflow/data/energy_models.tsv"
# Rules that make data, train or run networks; all others sum up, draw or write what these measured.
MEASURING = re.compile(
    "symbols|simulate_.*|list_set|store_.*|calibrate|tell_apart|accumulate|import_.*|train|convert"
    "|evaluate.*|infer|verify|choose|probe"
)
# What the trial measures once its validation recordings were read again, and before that.
QUOTED = {"evaluate_quoted": 2, "evaluate_cnn_quoted": 2}
CHOICE = {"choose": 1, "probe": 2, **QUOTED}
EVALUATED = {"evaluate": 6}
FROM_NETWORKS = {"verify": 1, "infer": 6, **EVALUATED, **CHOICE}
CNN = {"evaluate_cnn": 2}
FROM_TRAINING = {"train": 2, "convert": 2, **CNN, **FROM_NETWORKS}


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
    "points/points_table": set(),
    "energy": set(),
    "summaries": set(),
    "analysis": set(),
    "report": set(),
    "evaluation/statistics": {"probe"},
}


@pytest.mark.parametrize("room", SHOWING)
def test_what_only_shows_results_measures_nothing_again(studies, room):
    place = ROOT / MODULES / room
    paths = place.rglob("[!_]*.py") if place.is_dir() else [place.with_suffix(".py")]
    for path in paths:
        name = path.relative_to(ROOT / MODULES).with_suffix("").as_posix()
        again = run_by_an_edit(studies["smoke"], name)
        assert {rule for rule in again if MEASURING.fullmatch(rule)} == SHOWING[room], name


def one_more_recording(smoke: Path) -> str:
    """Write a table with a recording more, `mine`, and return its name."""
    mine = {"recording": "mine", "symbol": "4/test-1", "label": "4"}
    return Path(write_recordings(smoke / "mine.tsv", mine, beside=True)).name


def one_more_set(smoke: Path) -> dict[str, list[dict[str, str]]]:
    """Write a folder of two recordings and return the settings that name it as a set."""
    write_nmnist(smoke / "more", 1, (0, 7))
    return {"sets": [{"name": "mine", "folder": "more"}]}


# Another seed may move the choice, so what reads with the quoted networks runs for all.
OF_SEED = {"train": 1, "convert": 1, "infer": 3, "evaluate_cnn": 1, "evaluate": 3}
# What is changed: the settings, the numbers of jobs that measure, and those of one new thing alone.
CHANGES = {
    "sweep.scales": (
        lambda smoke: {"sweep": {"scales": [0.46, 1.0, 2.15, 3.0]}},
        # The engines are compared at the highest scale, which is the new one.
        {"evaluate": 2, "infer": 6, "verify": 1, **CHOICE},
        ("evaluate", "scale", "3.00"),
    ),
    "seeds": (
        lambda smoke: {"seeds": [1, 2, 3]},
        OF_SEED
        | CHOICE
        | {"probe": 3, "verify": 1, "evaluate_quoted": 3, "evaluate_cnn_quoted": 3},
        ("|".join(OF_SEED), "seed", "3"),
    ),
    "recordings": (
        lambda smoke: {"recordings": one_more_recording(smoke)},
        {"simulate_recording": 1, "infer": 2},
        ("simulate_recording|infer", "recording", "mine"),
    ),
    "evaluation.sets": (
        lambda smoke: {"evaluation": one_more_set(smoke)},
        {"list_set": 1, "store_set": 1, "evaluate_cnn_quoted": 2, "evaluate": 6},
        ("list_set|store_set", "set", "mine"),
        ("evaluate", "batch", "set-mine"),
        ("evaluate_cnn_quoted", "batch", "cnn-set-mine"),
    ),
    "simulation.sets": (
        lambda smoke: {"simulation": {"sets": {"mine": {"scene": "mnist-dvs", "scales": [4]}}}},
        {"simulate_set": 1, "store_set": 1, **QUOTED},
        # The CNNs read all test sets in one job.
        ("simulate_set|store_set", "set", "mine"),
        ("evaluate_quoted", "batch", "set-mine"),
    ),
    "variants": (
        lambda smoke: {"variants": {"slow": {"learning_rate": 0.0005}}},
        # The networks that were there may be quoted at other points.
        FROM_TRAINING | {"probe": 4, "evaluate_quoted": 4, "evaluate_cnn_quoted": 4},
        ("train|convert|infer|evaluate|evaluate_cnn", "variant", "slow"),
    ),
    "training.device": (lambda smoke: {"training": {"device": "auto"}}, FROM_TRAINING),
    "power.energy_per_synop_pj": (lambda smoke: {"power": {"energy_per_synop_pj": 2.0}}, {}),
    "inference.step_ms": (lambda smoke: {"inference": {"step_ms": 5.0}}, FROM_NETWORKS),
    "choice.exits": (
        lambda smoke: {"choice": {"exits": [1, 5]}},
        {"infer": 6} | EVALUATED | CHOICE,
    ),
    "inference.timing": (lambda smoke: {"inference": {"timing": "steps"}}, FROM_NETWORKS),
    "inference.engine": (lambda smoke: {"inference": {"engine": "sinabs"}}, FROM_NETWORKS),
}


@pytest.mark.parametrize("key", CHANGES)
def test_a_change_runs_what_it_concerns_alone(smoke, key):
    change, expected, *alone = CHANGES[key]
    jobs = planned_jobs(smoke, *SMOKE, write_config(smoke, "mine.yaml", **change(smoke)))
    assert measured(counted(jobs)) == expected
    for rules, wildcard, new in alone:
        of_rules = [dict(wildcards) for rule, wildcards in jobs if re.fullmatch(rules, rule)]
        assert {wildcards[wildcard] for wildcards in of_rules} == {new}


PROBES = {"probe": 2, "join_probes": 1, "runtimes": 1}
# What is edited: the file, old and new bytes (none: at its end), and the jobs before the page.
EDITS = {
    "a figure": (f"{MODULES}/report/figures/sets.py", b"", b"# edited\n", {"plot_figure": 1}),
    "a panel": (f"{MODULES}/report/player.py", b"", b"# edited\n", {"plot_recording": 3}),
    "a section": (f"{MODULES}/report/sections/answer.py", b"", b"# edited\n", {}),
    # The rule `energy` writes the table of chips too, from which a figure is drawn.
    "a chip": ("workflow/data/chips.tsv", b"", b"# edited\n", {"energy": 1, "plot_figure": 1}),
    "a price": (PRICES, b"\t10.05448\t", b"\t12.0\t", {"energy": 1, "plot_figure": 1}),
    "the page": ("workflow/report/page.html.j2", b"", b"{# edited #}\n", {}),
    "a meaning": (f"{TABLES}/shared.tsv", b"one of `seeds`", b"one of those in `seeds`", None),
    "a type": (f"{TABLES}/runtimes.tsv", b"seconds\tnumber", b"seconds\twhole", {"runtimes": 1}),
    "a stored type": (f"{TABLES}/probes.tsv", b"amount\tnumber", b"amount\twhole", PROBES),
}


@pytest.mark.parametrize("kind", EDITS)
def test_an_edit_runs_what_uses_it_and_the_page(smoke, kind):
    name, old, new, expected = EDITS[kind]
    assert old in (smoke / name).read_bytes()
    with edited(smoke / name, lambda text: text.replace(old, new) if old else text + new):
        jobs = planned(smoke)
    if name.startswith(TABLES):
        # Many figures are drawn from them.
        jobs.pop("plot_figure", None)
    after = {"report": 1, "manifest": 1, "all": 1}
    assert jobs == ({} if expected is None else expected | after)


def test_an_edit_of_training_trains_again_and_a_touch_runs_nothing(smoke, studies):
    loop = smoke / MODULES / "training/loop.py"
    with edited(loop, lambda text: text + b"# edited\n"):
        jobs = planned(smoke)
    assert measured(jobs) == FROM_TRAINING
    # So the modules that jobs list tell what runs again.
    assert jobs.keys() - {"all"} == run_by_an_edit(studies["smoke"], "training/loop")
    scripts = sorted((smoke / "workflow/scripts").glob("*.py"))
    with ExitStack() as touched:
        for path in (loop, *scripts):
            touched.enter_context(edited(path, bytes))
        assert planned(smoke) == {}
    with edited(smoke / "workflow/scripts/train.py", lambda text: text + b"# edited\n"):
        assert measured(planned(smoke)) == FROM_TRAINING
