"""What runs again, and why: exact lists of jobs after each kind of change. Dry runs only."""

import csv
from pathlib import Path

import numpy as np
import pytest
from running import SMOKE, edited, planned, planned_jobs, write_config

# What follows whenever the result tables change, and what follows the tables alone.
PAGE = {"report": 1, "manifest": 1, "all": 1}
SENSITIVITY = {"sensitivity": 2, "join_sensitivity": 1, "runtimes": 1}
TABLES = {
    "gather": 1,
    "plot_raster": 3,
    # All but the training frames and the calibration.
    "plot_figure": 9,
    "pair_twins": 1,
    **SENSITIVITY,
    **PAGE,
}
FROM_NETWORKS = {"verify": 1, "infer": 6, "evaluate": 6, **TABLES}
FROM_TRAINING = {
    "train": 2,
    "convert": 2,
    "evaluate_ann": 8,
    "provenance": 1,
    **FROM_NETWORKS,
}

MODULES = "workflow/scripts/dvs_snn"


def with_config(smoke: Path, **sections: object) -> tuple[str, ...]:
    return (*SMOKE, write_config(smoke, "mine.yaml", **sections))


def wildcards_of(jobs, rule: str) -> list[dict[str, str]]:
    return [dict(wildcards) for name, wildcards in jobs if name == rule]


def test_a_first_run_runs_everything(project):
    assert planned(project) == {
        "symbols": 1,
        "simulate_set": 4,
        "simulate_recording": 3,
        "simulate_frames": 1,
        "bin_set": 4,
        "list_recordings": 1,
        "calibrate": 1,
        "sensitivity_recordings": 1,
        "describe": 1,
        "plot_recording": 3,
        **FROM_TRAINING,
        "plot_figure": 11,
    }


def test_a_second_run_has_nothing_to_do(smoke):
    assert planned(smoke) == {}


def test_a_new_scale_runs_its_evaluations_and_the_recordings(smoke):
    config = with_config(smoke, sweep={"scales": [0.46, 1.0, 1.47, 2.15]})
    jobs = planned_jobs(smoke, *config)
    # The provenance holds the config, which has changed.
    assert planned(smoke, *config) == {"evaluate": 2, "infer": 6, "provenance": 1, **TABLES}
    assert {job["scale"] for job in wildcards_of(jobs, "evaluate")} == {"1.47"}


def test_a_new_seed_runs_its_own_chain(smoke):
    config = with_config(smoke, seeds=[1, 2, 3])
    jobs = planned_jobs(smoke, *config)
    assert planned(smoke, *config) == {
        "train": 1,
        "convert": 1,
        "infer": 3,
        "evaluate_ann": 4,
        "evaluate": 3,
        "verify": 1,
        "provenance": 1,
        **TABLES,
        "sensitivity": 3,
    }
    for rule in ("train", "convert", "infer", "evaluate_ann", "evaluate"):
        assert {job["seed"] for job in wildcards_of(jobs, rule)} == {"3"}


def test_a_new_recording_runs_its_own_jobs(smoke):
    table = (smoke / "workflow/data/recordings-smoke.tsv").read_text(encoding="utf-8")
    header, *rows = csv.reader(table.splitlines(), delimiter="\t")
    new = dict.fromkeys(header, "") | {"recording": "mine", "symbol": "4/test-1", "label": "4"}
    with open(smoke / "mine.tsv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerows([header, *rows, [new[key] for key in header]])
    config = with_config(smoke, recordings="mine.tsv")
    jobs = planned_jobs(smoke, *config)
    assert planned(smoke, *config) == {
        "simulate_recording": 1,
        "infer": 2,
        "plot_recording": 1,
        "provenance": 1,
        **TABLES,
        "plot_raster": 4,
    }
    for rule in ("simulate_recording", "infer", "plot_recording"):
        assert {job["recording"] for job in wildcards_of(jobs, rule)} == {"mine"}


def test_a_new_evaluation_set_runs_its_own_jobs(smoke, tmp_path):
    for digit in (0, 7):
        (tmp_path / str(digit)).mkdir()
        np.savez(
            tmp_path / str(digit) / "one.npz",
            t=np.arange(2000) * 100,
            x=np.arange(2000) % 60,
            y=np.arange(2000) % 50,
        )
    config = with_config(smoke, evaluation={"sets": [{"name": "mine", "folder": str(tmp_path)}]})
    jobs = planned_jobs(smoke, *config)
    assert planned(smoke, *config) == {
        "bin_set": 1,
        "evaluate_ann": 2,
        "evaluate_set": 6,
        "provenance": 1,
        **TABLES,
    }
    for rule in ("bin_set", "evaluate_ann", "evaluate_set"):
        assert {job["set"] for job in wildcards_of(jobs, rule)} == {"mine"}


def test_a_change_of_a_step_or_of_the_frames_runs_what_it_concerns(smoke):
    config = with_config(smoke, inference={"step_ms": 5.0})
    expected = {"bin_set": 4, "sensitivity_recordings": 1, "provenance": 1, **FROM_NETWORKS}
    assert planned(smoke, *config) == expected
    config = with_config(smoke, inference={"window_ms": 100.0})
    jobs = planned(smoke, *config)
    assert jobs["infer"] == 6
    assert not jobs.keys() & {"bin_set", "evaluate_ann", "evaluate", "sensitivity_recordings"}


def test_the_other_engine_runs_the_networks_again_but_reads_no_recording_of_a_set(smoke):
    config = with_config(smoke, inference={"engine": "sinabs"})
    jobs = planned(smoke, *config)
    assert jobs == {"provenance": 1, **FROM_NETWORKS}


EDITS = {
    f"{MODULES}/report/style.py": {
        "plot_figure": 11,
        "plot_recording": 3,
        "plot_raster": 3,
        **PAGE,
    },
    f"{MODULES}/report/figures/results/sweep.py": {"plot_figure": 1, **PAGE},
    f"{MODULES}/report/figures/recording/strip.py": {"plot_recording": 3, **PAGE},
    f"{MODULES}/report/figures/registry.py": PAGE,
    f"{MODULES}/report/sections/answer.py": PAGE,
    f"{MODULES}/training/loop.py": FROM_TRAINING,
    f"{MODULES}/report/page.py": PAGE,
    # Its columns and sums: the tables are made again, and nothing before them.
    f"{MODULES}/results/summaries.py": TABLES,
    f"{MODULES}/results/columns.py": PAGE,
    "workflow/data/published.tsv": TABLES,
    "workflow/report/page.html.j2": PAGE,
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_runs_its_own_stage_and_nothing_before_it(smoke, name):
    comment = "{# edited #}\n" if name.endswith(".j2") else "# edited\n"
    with edited(smoke / name, comment):
        assert planned(smoke) == EDITS[name]
    assert planned(smoke) == {}


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
        ("plot_figure", {"plot_figure": 11, "plot_recording": 3, "plot_raster": 3, **PAGE}),
        ("report", PAGE),
    ],
)
def test_a_touch_of_a_script_runs_its_rule_and_what_follows(smoke, name, expected):
    with edited(smoke / f"workflow/scripts/{name}.py", ""):
        assert planned(smoke) == expected
