"""The study is planned from any folder and from the catalogue's file, and knows its own names."""

from pathlib import Path

from running import SMOKE, announced, copy_project, fail, pretend


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
    # The scripts of a fresh clone are newer than results that were copied in. Of tables Snakemake
    # knows checksums after a real run, but not here.
    for path in (moved / "workflow/scripts").rglob("*.py"):
        path.touch()
    assert announced(tmp_path, *from_afar(moved, folder)) == []
    with open(moved / "workflow/data/mnist-dvs-statistics.tsv", "a", encoding="utf-8") as file:
        file.write("\n")
    jobs = announced(tmp_path, *from_afar(moved, folder))
    assert jobs[0]["rule"] == "calibrate"
    assert not {"symbols", "train", "infer"} & {job["rule"] for job in jobs}


def test_the_file_that_the_snakemake_catalogue_asks_for_plans_the_whole_study(project):
    ours, theirs = (
        announced(project, *place, "--cores", "2", *SMOKE)
        for place in ((), ("-s", "workflow/Snakefile"))
    )
    assert {job["rule"] for job in ours} ^ {job["rule"] for job in theirs} == {"all", "study"}
    assert len(ours) == len(theirs) > 60


def test_a_target_of_an_unknown_name_is_told_in_one_sentence(project):
    (error,), _ = fail(
        project, "--dry-run", "results/smoke/work/inference/plain/seed-1/mine.csv", *SMOKE
    )
    assert "names 'mine', expected one of A, B, C, as config key recordings has" in error
