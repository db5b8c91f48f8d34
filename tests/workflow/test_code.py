"""Jobs know the modules that they use, and no others; rooms rest only on those below them."""

import sys
from pathlib import Path

from running import ROOT, SMOKE, copy_project, entries, fail, listed, run_program, write_config

SCRIPTS = ROOT / "workflow/scripts"
FIGURES, FORMATS = "dvs_snn.report.figures.", "dvs_snn.recordings.formats."
NETWORKS = "dvs_snn.networks.kinds."


def within(job: dict[str, str], package: str) -> set[str]:
    """Return the modules of a package, by their last name, that are in the code of a job."""
    names = job["code"].split(", ")
    return {name.rpartition(".")[2] for name in names if name.startswith(package)}


READ = {
    ("smoke", "store_set", "set=test"): {"aedat"},
    ("smoke", "evaluate", "scale=1.00"): set(),
    ("folder", "list_set", "set=mine"): {"aedat", "npz"},
    ("folder", "accumulate", ""): {"bin"},
}


def test_a_job_hangs_on_the_formats_that_it_reads_or_writes_alone(studies):
    for (study, rule, where), formats in READ.items():
        jobs = [job for job in studies[study] if job["rule"] == rule and where in job["wildcards"]]
        assert jobs
        for job in jobs:
            assert within(job, FORMATS) == formats


def test_a_figure_hangs_on_its_own_module_alone(studies):
    """The answer has the front's lines, how soon its span, and the page the words of all."""
    figures = {path.stem for path in (SCRIPTS / "dvs_snn/report/figures").glob("[!_]*.py")}
    for job in studies["smoke"]:
        drawn = within(job, FIGURES)
        if job["rule"] == "plot_figure":
            figure = entries(job["wildcards"])["figure"]
            shared = {"front"} if figure in ("answer", "latency") else set()
            assert drawn == {figure} | shared
        else:
            assert drawn == (figures if job["rule"] == "report" else set())


def test_a_new_format_is_one_new_file_and_code_of_what_reads_it_alone(studies, tmp_path):
    project = copy_project(tmp_path / "project")
    added = project / "workflow/scripts/dvs_snn/recordings/formats/xyz.py"
    added.write_text("def read(path):\n    ...\n", encoding="utf-8")
    assert listed(project, SMOKE[1]) == studies["smoke"]
    file = project / "mine/3/a.xyz"
    file.parent.mkdir(parents=True)
    file.write_text("20 5 6\n10 3 4\n", encoding="utf-8")
    sets = {"sets": [{"name": "mine", "folder": "mine"}]}
    jobs = listed(project, SMOKE[1], write_config(project, "mine.yaml", evaluation=sets))
    users = {job["rule"] for job in jobs if "xyz" in within(job, FORMATS)}
    assert users == {"list_set", "store_set"}


def test_a_new_network_is_one_new_file_and_code_of_its_own_study_alone(studies, tmp_path):
    project = copy_project(tmp_path / "project")
    builders = [job for job in studies["smoke"] if within(job, NETWORKS)]
    assert {job["rule"] for job in builders} >= {"describe", "train", "convert"}
    # It builds on the tutorial's.
    assert all(within(job, NETWORKS) == {"strided", "tutorial"} for job in builders)
    added = project / "workflow/scripts/dvs_snn/networks/kinds/small.py"
    added.write_text("def build(n_classes):\n    return ...\n", encoding="utf-8")
    assert listed(project, SMOKE[1]) == studies["smoke"]
    jobs = listed(project, SMOKE[1], write_config(project, "mine.yaml", model={"name": "small"}))
    users = [job for job in jobs if within(job, NETWORKS)]
    assert {job["rule"] for job in users} == {job["rule"] for job in builders}
    assert all(within(job, NETWORKS) == {"small"} for job in users)
    # One that isn't Python is told by its line, and its correction is all it needs.
    added.write_text("def build(n_classes)\n    return ...\n", encoding="utf-8")
    (error,), _ = fail(project, "-n", *SMOKE)
    assert "networks/kinds/small.py line 1: Python can't read 'def build(n_classes)'" in error


def test_rooms_rest_only_on_those_below_them():
    program = Path(sys.executable).with_name("lint-imports")
    run_program(ROOT, program, "--no-cache", PYTHONPATH=str(SCRIPTS))


def test_a_dry_run_imports_no_torch(project):
    wrapper = (
        "import sys\n"
        "from snakemake.cli import main\n"
        "try:\n"
        "    main(sys.argv[1:])\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        "heavy = {'torch', 'torchvision', 'sinabs', 'matplotlib', 'sklearn'} & set(sys.modules)\n"
        "assert any(name.startswith('dvs_snn.settings') for name in sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    run_program(project, "-c", wrapper, "--dry-run", "--cores", "2", *SMOKE)
