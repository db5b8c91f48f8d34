"""Rules list just the code that their scripts use, and rooms rest only on those below them."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from running import (
    ROOT,
    SMOKE,
    announced,
    copy_project,
    entries,
    run_snakemake,
    write_config,
)

SCRIPTS = ROOT / "workflow/scripts"
PACKAGE = SCRIPTS / "dvs_snn"
FIGURES = {
    str(path.relative_to(ROOT))
    for path in (PACKAGE / "report/figures").glob("[!_]*.py")
    if "\ndef draw(" in path.read_text(encoding="utf-8")
}
# The study `smoke` has no added sets.
OF_SMOKE = FIGURES - {"workflow/scripts/dvs_snn/report/figures/inputs.py"}


def imported(path: Path) -> set[str]:
    """Return the full names of all modules that a file imports, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports within the package are written in full"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def package_imports(path: Path) -> set[Path]:
    """Return the files of the package's modules that a file imports."""
    files = {
        PACKAGE.joinpath(*name.split(".")[1:]).with_suffix(".py")
        for name in imported(path)
        if name.startswith("dvs_snn.")
    }
    return {file for file in files if file.is_file()}


def closure(path: Path) -> set[str]:
    """Return every module of the package that importing a file loads, by its path in the clone."""
    return closure_of(package_imports(path))


def closure_of(modules: set[Path]) -> set[str]:
    """Return some modules and every other that importing them loads, by paths in the clone."""
    todo, seen = set(modules), set()
    while todo:
        module = todo.pop()
        seen.add(module)
        todo |= package_imports(module) - seen
    return {str(module.relative_to(ROOT)) for module in seen}


def code_of_jobs(jobs: list[dict[str, str]]) -> dict[tuple[str, str], set[str]]:
    """Return the package modules among the inputs of each job, as a dry run lists them.

    A job is (its rule, its wildcards as Snakemake writes them).
    """
    return {
        (job["rule"], job.get("wildcards", "")): {
            name for name in job.get("input", "").split(", ") if "/dvs_snn/" in name
        }
        for job in jobs
    }


@pytest.fixture(scope="module")
def listed(studies) -> dict[str, dict[tuple[str, str], set[str]]]:
    """Return the code of the jobs of each study."""
    return {study: code_of_jobs(jobs) for study, jobs in studies.items()}


def modules(folder: str) -> set[str]:
    """Return what a registry may name: the modules of a folder, by their paths in the clone."""
    return {str(path.relative_to(ROOT)) for path in (PACKAGE / folder).glob("[!_]*.py")}


# What jobs import by name: their rules say which of these a job uses.
FORMATS = modules("events/formats")
NAMED = FORMATS | FIGURES | modules("engines/kinds") | modules("training/losses")
NAMED |= modules("training/methods") | modules("training/materials")
NAMED |= {
    "workflow/scripts/dvs_snn/engines/kinds/event/__init__.py",
    "workflow/scripts/dvs_snn/recordings/archives/tutorial.py",
}


HOW_TO_IMPORT = (
    "The regular expression IMPORT of workflow/rules/common.smk finds `from dvs_snn.room.module "
    "import name`, `from dvs_snn.room import module, other` (in parentheses too) and `import "
    "dvs_snn.room.module`, each at the start of a line: write the import so."
)

# A rule that is another's copy uses its script.
COPIES = {
    "bin_training": "bin_set",
    "evaluate": "evaluate_set",
    "evaluate_ann": "evaluate_ann_set",
    "plot_recording": "plot_figure",
    "plot_raster": "plot_figure",
}


def test_rules_list_just_the_code_that_their_scripts_use(listed):
    """The workflow finds imports by a regular expression, this test by Python's own parser."""
    scripts = {path.stem: closure(path) for path in SCRIPTS.glob("*.py")}
    seen = set()
    for jobs in listed.values():
        for (rule, wildcards), code in jobs.items():
            script = COPIES.get(rule, rule)
            if script not in scripts:
                continue  # targets
            named = code & NAMED
            expected = scripts[script].union(named, *(closure(ROOT / name) for name in named))
            assert code == expected, (
                f"job {rule} {wildcards}: its code lacks {sorted(expected - code)} and has "
                f"{sorted(code - expected)} too many. {HOW_TO_IMPORT}"
            )
            seen.add(script)
    assert seen == scripts.keys()


@pytest.mark.parametrize(
    ("study", "rule", "where", "formats"),
    [
        ("smoke", "bin_set", "set=test", {"aedat"}),
        ("smoke", "bin_set", "set=saccades-test", {"bin"}),
        ("smoke", "evaluate", "scale=1.00", set()),
        ("twins", "bin_set", "set=real-twins", {"bin"}),
        ("tutorial", "infer", "recording=A", {"npz"}),
        ("folder", "list_set", "set=mine", {"aedat", "npz"}),
        ("folder", "accumulate", "", {"bin"}),
    ],
)
def test_a_job_hangs_on_the_formats_that_it_reads_or_writes_alone(
    listed, study, rule, where, formats
):
    jobs = [
        code for (name, of_job), code in listed[study].items() if name == rule and where in of_job
    ]
    assert jobs
    for code in jobs:
        assert {Path(name).stem for name in code & FORMATS} == formats


def test_a_figure_hangs_on_its_own_module_alone(listed):
    """A recording's panels are drawn by one job, but for the spikes; the page has all words."""
    folder = "workflow/scripts/dvs_snn/report/figures"
    panels = {f"{folder}/{name}.py" for name in ("strip", "cloud", "rate")}
    for (rule, wildcards), code in listed["smoke"].items():
        drawn = code & FIGURES
        if rule == "plot_figure":
            assert {Path(name).stem for name in drawn} == {entries(wildcards)["figure"]}
        elif rule == "plot_recording":
            assert drawn == panels
        elif rule == "plot_raster":
            assert drawn == {f"{folder}/raster.py"}
        else:
            assert drawn == (OF_SMOKE if rule == "report" else set())


def test_a_new_format_is_one_new_file_and_runs_only_what_reads_it(tmp_path):
    project = copy_project(tmp_path / "project")
    smoke = ("--cores", "2", *SMOKE)
    before = code_of_jobs(announced(project, *smoke))
    path = "workflow/scripts/dvs_snn/recordings/formats/xyz.py"
    (project / path).write_text("def read(path):\n    ...\n", encoding="utf-8")
    assert code_of_jobs(announced(project, *smoke)) == before
    file = tmp_path / "mine" / "3" / "a.xyz"
    file.parent.mkdir(parents=True)
    file.write_text("20 5 6\n10 3 4\n", encoding="utf-8")
    own = {"evaluation": {"sets": [{"name": "mine", "folder": str(tmp_path / "mine")}]}}
    config = write_config(project, "mine.yaml", **own)
    done = run_snakemake(project, "--dry-run", "--cores", "2", *SMOKE, config)
    assert done.returncode == 0, done.stderr
    listing = done.stdout + done.stderr
    users = set()
    for job in re.split(r"\n(?=\s*(?:local)?rule \w+:\n)", listing):
        if path in job:
            users.add((re.search(r"rule (\w+):", job)[1], "set=mine" in job))
    # One figure shows the added sets.
    jobs = {(rule, True) for rule in ("list_set", "bin_set", "evaluate_ann_set")}
    assert users == jobs | {("plot_figure", False)}


def test_a_loss_is_code_of_the_trainings_that_name_it(project):
    losses = project / "workflow/scripts/dvs_snn/training/losses"
    added = losses / "as_before.py"
    added.write_bytes((losses / "cross_entropy.py").read_bytes())
    own = {"seeds": [1], "variants": {"plain": {}, "new": {"loss": "as-before"}}}
    try:
        path = write_config(project, "loss.yaml", **own)
        done = run_snakemake(project, "--dry-run", *SMOKE, path)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        added.unlink()
    jobs = re.findall(r"rule train:\n\s+input: (.*)(?s:.*?)wildcards: (.*)\n", done.stdout)
    found = {about.split(",")[0]: re.findall(r"losses/(\w+)\.py", files) for files, about in jobs}
    assert found == {"variant=plain": ["cross_entropy"], "variant=new": ["as_before"]}


def test_rooms_rest_only_on_those_below_them():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(SCRIPTS), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_package_knows_nothing_of_snakemake():
    for path in PACKAGE.rglob("*.py"):
        assert not {module for module in imported(path) if "snakemake" in module}, path


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
    done = subprocess.run(
        [sys.executable, "-c", wrapper, "--dry-run", "--cores", "2", *SMOKE],
        cwd=project,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rule train:" in done.stdout + done.stderr
