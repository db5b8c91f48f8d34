"""What runs again, and why: exact lists of jobs after each kind of change. Dry runs only."""

import csv
import fnmatch
import functools
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import yaml
from running import (
    ROOT,
    SMOKE,
    Job,
    announced,
    counted,
    edited,
    entries,
    planned,
    planned_jobs,
    rules_told,
    write_config,
)

# What follows whenever the result tables change, and what follows the tables alone.
PAGE = {"report": 1, "manifest": 1, "all": 1}
TABLES = {
    "gather": 1,
    "compare_methods": 1,
    "plot_raster": 3,
    "plot_player": 3,
    "costs": 1,
    # All but the audit, the training frames, the calibration, the sensitivity and the ablation.
    "plot_figure": 12,
    "pair_twins": 1,
    "runtimes": 1,
    **PAGE,
}
ABLATION = {"ablation": 2, "join_ablation": 1, "chip_fit": 1, "export": 1}
# What follows when validation was evaluated again, the tables included.
CHOICE = {
    **TABLES,
    "choose": 1,
    "sensitivity": 2,
    "join_sensitivity": 1,
    "idle": 2,
    "join_idle": 1,
    **ABLATION,
    "plot_figure": 14,
}
FROM_NETWORKS = {"verify": 1, "infer": 6, "evaluate": 6, **CHOICE}
FROM_TRAINING = {
    "train": 2,
    "convert": 2,
    "evaluate_ann": 2,
    "provenance": 1,
    **FROM_NETWORKS,
}

MODULES = "workflow/scripts/dvs_snn"

# What runs again after an edit of each module of the package; the file itself tells how to read it.
AFTER_AN_EDIT = Path(__file__).with_name("reruns.txt")
# Rules that make data, train and measure.
MEASURING = re.compile(
    "train|convert|simulate_.*|accumulate|import_frames|bin_set|evaluate.*|infer|sensitivity.*|idle.*"
    "|drift.*|learn|read_lesson"
    "|ablation"
)
# What only shows or sums up what was measured.
SHOWING = ("results/*", "report/*", "evaluation/power", "evaluation/statistics")


def table_of_edits() -> dict[str, set[str]]:
    """Return the rules of each module that the table names."""
    table: dict[str, set[str]] = {}
    words: dict[str, set[str]] = {"nothing": set()}
    rules, room = set(), ""

    def meant(text: str) -> set[str]:
        found: set[str] = set()
        for word in text.split():
            name = word.lstrip("-")
            named = words.get(name, {name})
            found = found - named if word.startswith("-") else found | named
        return found

    for line in AFTER_AN_EDIT.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        if " = " in line:
            name, _, text = line.partition(" = ")
            words[name] = meant(text)
        elif not line.startswith(" "):
            rules = meant(line)
        else:
            room, _, modules = line.rpartition(":") if ":" in line else (room, "", line)
            for module in modules.split():
                name = f"{room.strip()}/{module}"
                assert name not in table, f"{name} stands twice in the table"
                table[name] = rules
    return table


def run_by_an_edit(jobs: list[dict[str, str]]) -> dict[str, set[str]]:
    """Return of each module the rules of the jobs that list it, and of those that follow."""

    def files(job: dict[str, str], *keys: str) -> set[str]:
        return {name for key in keys for name in job.get(key, "").split(", ") if name}

    readers: dict[str, set[int]] = defaultdict(set)
    for number, job in enumerate(jobs):
        for name in files(job, "input"):
            readers[name].add(number)
    after = [
        set().union(*(readers[name] for name in files(job, "output", "benchmark"))) for job in jobs
    ]
    found = {}
    for name in sorted(name for name in readers if name.startswith(MODULES)):
        todo, seen = set(readers[name]), set()
        while todo:
            number = todo.pop()
            seen.add(number)
            todo |= after[number] - seen
        module = name.removeprefix(f"{MODULES}/").removesuffix(".py")
        found[module] = {jobs[number]["rule"] for number in seen} - {"all"}
    return found


@pytest.fixture(scope="module")
def run_again(studies) -> dict[str, set[str]]:
    """Return what the table should say: a module that no job lists is one that runs nothing.

    The table tells of the study alone, not of a crate that somebody makes of it afterwards.
    """
    paths = (ROOT / MODULES).rglob("[!_]*.py")
    found = {path.relative_to(ROOT / MODULES).as_posix()[:-3]: set() for path in paths}
    for study, jobs in studies.items():
        for module, rules in run_by_an_edit(jobs).items() if study != "crate" else ():
            found[module] |= rules
    return found


def test_the_table_says_of_every_module_what_runs_again(run_again):
    table = table_of_edits()
    assert sorted(table.keys() - run_again.keys()) == [], "in the table, but no module"
    wrong = []
    for name, rules in run_again.items():
        if name not in table:
            wrong.append(f"{name} is missing; its edit runs {sorted(rules)}")
        elif table[name] != rules:
            too_many, missing = sorted(table[name] - rules), sorted(rules - table[name])
            wrong.append(f"{name}: too many are {too_many}, missing are {missing}")
    assert not wrong, "\n".join([f"{AFTER_AN_EDIT}:", *wrong])


def test_what_only_shows_results_measures_nothing_again(run_again):
    showing = {
        name: rules
        for name, rules in run_again.items()
        if any(fnmatch.fnmatch(name, pattern) for pattern in SHOWING)
    }
    assert len(showing) > 30
    measured = {
        name: again
        for name, rules in showing.items()
        if (again := sorted(rule for rule in rules if MEASURING.fullmatch(rule)))
    }
    assert measured == {}


# One of each room; those of the report stand below.
EDITED = (
    "files/arrays", "settings/inference", "events/placement", "sources/split_table",
    "simulation/takes", "datasets/step_store", "networks/synops", "training/augmentation",
    "inference/response", "evaluation/choosing/choice", "realism/quantities", "results/comparison",
)  # fmt: skip


@pytest.mark.parametrize("name", EDITED)
def test_the_edit_of_a_module_runs_what_its_jobs_inputs_tell(smoke, studies, name):
    with edited(smoke / MODULES / f"{name}.py", "# edited\n"):
        jobs = planned(smoke)
    assert jobs.keys() - {"all"} == run_by_an_edit(studies["smoke"])[name]


def with_config(smoke: Path, **sections: object) -> tuple[str, ...]:
    return (*SMOKE, write_config(smoke, "mine.yaml", **sections))


@functools.cache
def jobs_after(smoke: Path, setting: str) -> list[Job]:
    """Return what the change of a setting runs, as `CHANGES` has it: several tests look at it."""
    return planned_jobs(smoke, *with_config(smoke, **CHANGES[setting](smoke)))


def wildcards_of(jobs, rule: str) -> list[dict[str, str]]:
    return [dict(wildcards) for name, wildcards in jobs if name == rule]


def test_a_first_run_runs_everything(project):
    assert planned(project) == {
        "symbols": 1,
        "simulate_set": 3,
        "simulate_recording": 3,
        "simulate_frames": 1,
        "bin_set": 3,
        "list_recordings": 1,
        "calibrate": 1,
        "tell_apart": 1,
        "sensitivity_recordings": 1,
        "idle_recordings": 1,
        "check_sets": 1,
        "audit": 1,
        "describe": 1,
        "plot_recording": 3,
        **FROM_TRAINING,
        "plot_figure": 18,
    }


def test_long_recordings_add_their_own_jobs_and_none_without(project):
    config = write_config(project, "long.yaml", simulation={"drift": {"symbols": 1}})
    without, jobs = planned(project), planned(project, *SMOKE, config)
    more = {rule: n - without.get(rule, 0) for rule, n in jobs.items()}
    expected = {"drift_recordings": 1, "drift": 2, "join_drift": 1, "plot_figure": 1}
    assert {rule: n for rule, n in more.items() if n} == expected
    assert not without.keys() & {"drift_recordings", "drift", "join_drift"}


def test_lessons_add_their_own_jobs_where_there_are_real_twins(project):
    real = project / "digits/0/1.bin"
    real.parent.mkdir(parents=True, exist_ok=True)
    real.write_bytes(bytes(5))
    lessons = {"learning": {"recordings": [100, 10]}}
    twins = {"real_twins": "digits"}
    files = {
        name: write_config(project, f"{name}.yaml", simulation=one)
        for name, one in {"lessons": lessons, "twins": twins, "both": lessons | twins}.items()
    }
    # Without real recordings there is nothing to learn from.
    assert planned(project, *SMOKE, files["lessons"]) == planned(project)
    without, jobs = (planned(project, *SMOKE, files[name]) for name in ("twins", "both"))
    more = {rule: n - without.get(rule, 0) for rule, n in jobs.items()}
    # Both variants without, with 10, with 100, and with 100 alone.
    expected = {"learn": 8, "read_lesson": 8, "join_learning": 1, "plot_figure": 1}
    assert {rule: n for rule, n in more.items() if n} == expected


def test_a_lesson_without_simulated_recordings_starts_from_no_network_that_saw_any(project):
    real = project / "digits/0/1.bin"
    real.parent.mkdir(parents=True, exist_ok=True)
    real.write_bytes(bytes(5))
    lessons = write_config(
        project,
        "alone.yaml",
        seeds=[1],
        variants={
            "plain": {},
            "counted": {"method": "quantised", "start": "plain", "teacher_weight": 0.5},
            "timed": {"method": "bptt", "start": "counted"},
        },
        simulation={"learning": {"recordings": [10]}, "real_twins": "digits"},
    )
    weights = {}
    for job in announced(project, "--cores", "2", *SMOKE, lessons):
        if job["rule"] == "learn":
            found = re.findall(r"(?:training|learning)/\S+(?=\.safetensors)", job["input"])
            of_job = entries(job["wildcards"])
            weights[of_job["variant"], of_job["lesson"]] = found
    trained, learned = "training/{}/seed-1/weights", "learning/{}/{}/seed-1"
    expected = {}
    for lesson in ("0", "10", "10-alone"):
        is_alone = lesson == "10-alone"
        cnn = learned.format("plain", lesson)
        # The start; then the teacher, which had the same lesson.
        expected |= {
            ("plain", lesson): [] if is_alone else [trained.format("plain")],
            ("counted", lesson): [cnn if is_alone else trained.format("counted"), cnn],
            ("timed", lesson): [
                learned.format("counted", lesson) if is_alone else trained.format("timed")
            ],
        }
    assert weights == expected


def test_a_second_run_has_nothing_to_do(smoke):
    assert planned(smoke) == {}


def test_a_new_scale_runs_its_evaluations_and_the_recordings(smoke):
    jobs = jobs_after(smoke, "sweep.scales")
    # The provenance holds the config, which has changed. The engines are compared at the highest
    # scale, which is the new one.
    assert counted(jobs) == {"evaluate": 2, "infer": 6, "verify": 1, "provenance": 1, **CHOICE}
    assert {job["scale"] for job in wildcards_of(jobs, "evaluate")} == {"3.00"}


def test_a_new_seed_runs_its_own_chain(smoke):
    jobs = jobs_after(smoke, "seeds")
    assert counted(jobs) == {
        "train": 1,
        "convert": 1,
        "infer": 3,
        "evaluate_ann": 1,
        "evaluate": 3,
        "verify": 1,
        "provenance": 1,
        **CHOICE,
        "sensitivity": 3,
        "idle": 3,
        "ablation": 3,
    }
    for rule in ("train", "convert", "infer", "evaluate_ann", "evaluate"):
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
    assert counted(jobs) == {
        "simulate_recording": 1,
        "infer": 2,
        "plot_recording": 1,
        "provenance": 1,
        **TABLES,
        "plot_raster": 4,
        "plot_player": 4,
    }
    for rule in ("simulate_recording", "infer", "plot_recording"):
        assert {job["recording"] for job in wildcards_of(jobs, rule)} == {"mine"}


# The figure of added sets, which the study lacked, is a thirteenth.
@pytest.mark.parametrize(
    ("setting", "name", "own", "figures"),
    [
        ("evaluation.sets", "mine", {"list_set": 1}, {"plot_figure": 13}),
        ("simulation.sets", "small", {"simulate_set": 1, "list_recordings": 1}, {}),
    ],
)
def test_a_new_set_runs_its_own_jobs(smoke, setting, name, own, figures):
    jobs = jobs_after(smoke, setting)
    assert counted(jobs) == {
        **own,
        "bin_set": 1,
        "check_sets": 1,
        "evaluate_ann_set": 2,
        "evaluate_set": 6,
        "provenance": 1,
        **TABLES,
        **figures,
    }
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


def told_table() -> dict[str, set[str]]:
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


def test_the_table_tells_of_every_change_that_is_tried_here():
    (other,) = told_table().keys() - CHANGES.keys()
    # `test_a_new_format_is_one_new_file_and_runs_only_what_reads_it` tries this one.
    assert "events/formats" in other
    assert CHANGES.keys() <= told_table().keys()


@pytest.mark.parametrize("setting", CHANGES)
def test_the_table_names_what_runs_again(smoke, setting):
    jobs = counted(jobs_after(smoke, setting))
    assert told_table()[setting] == jobs.keys() - {"all"}


@pytest.mark.parametrize("setting", CHANGES)
def test_the_page_of_keys_says_the_same(setting):
    told, expected = rules_told(), told_table()[setting]
    keys = (setting, f"{setting}[].name", f"{setting}.<name>.scene")
    (rules,) = (told[key] for key in keys if key in told)
    # Which rules evaluate depends on the source of data, on added sets, on real twins, on long
    # recordings and on lessons, which the trial lacks.
    others = {"evaluate_ann_set", "evaluate_set", "evaluate_frames", "compare_features"}
    others |= {"drift", "join_drift", "learn", "read_lesson", "join_learning"}
    assert expected <= rules <= expected | others


def test_the_change_that_readme_tries_simulates_and_trains_nothing(smoke):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (settings,) = re.findall(r"^ *echo '(.*)' > mine\.yaml$", text, re.MULTILINE)
    jobs = planned(smoke, *with_config(smoke, **yaml.safe_load(settings)))
    assert jobs["evaluate"] == 2
    assert jobs["plot_figure"] > 0
    assert not [rule for rule in jobs if rule == "train" or rule.startswith("simulate")]


def test_a_change_of_a_step_or_of_the_frames_runs_what_it_concerns(smoke):
    config = with_config(smoke, inference={"step_ms": 5.0})
    expected = {
        "bin_set": 3,
        "check_sets": 1,
        "sensitivity_recordings": 1,
        "idle_recordings": 1,
        "provenance": 1,
        **FROM_NETWORKS,
    }
    assert planned(smoke, *config) == expected
    config = with_config(smoke, inference={"window_ms": 100.0})
    jobs = planned(smoke, *config)
    assert jobs["infer"] == 6
    assert not jobs.keys() & {"bin_set", "evaluate_ann", "evaluate", "sensitivity_recordings"}


def test_other_leads_run_the_evaluations_again(smoke):
    config = with_config(smoke, choice={"exits": [1, 5]})
    assert planned(smoke, *config) == {"evaluate": 6, "provenance": 1, **CHOICE}


def test_the_other_engine_runs_the_networks_again_but_reads_no_recording_of_a_set(smoke):
    config = with_config(smoke, inference={"engine": "sinabs"})
    jobs = planned(smoke, *config)
    # `convert` writes the form that the engine runs.
    assert jobs == {"convert": 2, "provenance": 1, **FROM_NETWORKS}


EDITS = {
    f"{MODULES}/report/style.py": {
        "plot_figure": 18,
        "plot_recording": 3,
        "plot_raster": 3,
        "plot_player": 3,
        **PAGE,
    },
    f"{MODULES}/report/figures/charts/sets.py": {"plot_figure": 1, **PAGE},
    f"{MODULES}/report/figures/recording/strip.py": {"plot_recording": 3, **PAGE},
    f"{MODULES}/report/figures/recording/player.py": {"plot_player": 3, **PAGE},
    f"{MODULES}/report/figures/registry.py": PAGE,
    f"{MODULES}/report/sections/answer.py": PAGE,
    f"{MODULES}/training/loop.py": FROM_TRAINING,
    f"{MODULES}/report/page.py": PAGE,
    # Its columns and sums: the tables are made again, and nothing before them.
    f"{MODULES}/results/summaries.py": {
        **TABLES,
        "join_sensitivity": 1,
        "join_ablation": 1,
        "plot_figure": 14,
    },
    f"{MODULES}/results/columns.py": PAGE,
    "workflow/data/published.tsv": TABLES,
    "workflow/data/chips.tsv": {"costs": 1, "plot_figure": 2, **PAGE},
    "workflow/report/page.html.j2": PAGE,
    "workflow/report/player.html.j2": PAGE,
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_runs_its_own_stage_and_nothing_before_it(smoke, name):
    comment = "{# edited #}\n" if name.endswith(".j2") else "# edited\n"
    with edited(smoke / name, comment):
        assert planned(smoke) == EDITS[name]


@pytest.mark.parametrize(
    "name",
    [
        f"{MODULES}/events/recording.py",
        f"{MODULES}/report/style.py",
        f"{MODULES}/training/loop.py",
        "workflow/report/page.html.j2",
    ],
)
def test_a_touch_of_a_module_or_template_runs_nothing(smoke, name):
    with edited(smoke / name, ""):
        assert planned(smoke) == {}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("train", FROM_TRAINING),
        ("convert", {"convert": 2, **FROM_NETWORKS}),
        ("plot_figure", {"plot_figure": 18, "plot_recording": 3, "plot_raster": 3, **PAGE}),
        ("plot_player", {"plot_player": 3, **PAGE}),
        ("report", PAGE),
    ],
)
def test_a_touch_of_a_script_runs_its_rule_and_what_follows(smoke, name, expected):
    with edited(smoke / f"workflow/scripts/{name}.py", ""):
        assert planned(smoke) == expected
