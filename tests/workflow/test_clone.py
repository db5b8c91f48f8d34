"""The study runs from any folder, runs nothing when its clone moves, and knows its own names."""

from pathlib import Path

import pytest
from running import SMOKE, announced, copy_project, errors_of, pretend, run_snakemake


def from_afar(clone: Path, folder: Path) -> tuple[str, ...]:
    preset = str(clone / "workflow/presets/smoke.yaml")
    place = ("-s", str(clone / "Snakefile"), "--directory", str(folder))
    return (*place, "--cores", "2", "--configfile", preset)


def test_a_moved_clone_runs_nothing_again_and_an_edit_there_its_own_jobs(tmp_path):
    clone, folder = copy_project(tmp_path / "clone"), tmp_path / "elsewhere"
    folder.mkdir()
    assert len(pretend(folder, *from_afar(clone, folder))) > 60
    moved = clone.rename(tmp_path / "moved")
    assert announced(tmp_path, *from_afar(moved, folder)) == []
    with open(moved / "workflow/data/mnist-dvs-quantities.tsv", "a", encoding="utf-8") as file:
        file.write("\n")
    jobs = announced(tmp_path, *from_afar(moved, folder))
    assert jobs[0]["rule"] == "calibrate"
    assert not {"symbols", "train", "infer"} & {job["rule"] for job in jobs}


@pytest.mark.parametrize(
    ("target", "known"),
    [
        ("evaluation/mine/seed-1/scale-1.00.csv", "plain, as config key variants has"),
        ("inference/plain/seed-1/mine.csv", "A, B, C, as config key recordings has"),
    ],
)
def test_a_target_of_an_unknown_name_is_told_in_one_sentence(project, target, known):
    done = run_snakemake(project, "--dry-run", f"results/smoke/{target}", *SMOKE)
    assert done.returncode == 1
    assert errors_of(done.stderr) == [
        f"Error: a target names 'mine', expected one of {known}; ask for one, or add it there."
    ]
    assert "Traceback" not in done.stderr
