"""Rules list just the code that their scripts use, and rooms rest only on those below them."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from running import ROOT, SMOKE, run_snakemake, write_config

SCRIPTS = ROOT / "workflow/scripts"
PACKAGE = SCRIPTS / "dvs_snn"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.stem != "__init__")
NAMES = [str(path.relative_to(PACKAGE)) for path in MODULES]
# Modules that registries name as text: a job lists those that it uses.
ENTRIES = ("inference/engines/event/engine.py", "inference/engines/sinabs.py")
FIGURES = {
    str(path.relative_to(PACKAGE))
    for path in (PACKAGE / "report/figures").glob("*/[!_]*.py")
    if "\ndef draw(" in path.read_text(encoding="utf-8")
}
# Presets that have every rule, together with a folder of recordings and with real twins.
STUDIES = ("smoke", "tutorial", "nmnist", "mnist-dvs")


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


@pytest.fixture(scope="module")
def listed(project, tmp_path_factory) -> dict[str, set[frozenset[str]]]:
    """Return the package modules among the inputs of each rule's jobs, as dry runs list them."""
    folder = tmp_path_factory.mktemp("digits")
    (folder / "0").mkdir()
    for number in range(9):
        (folder / "0" / f"{number}.bin").write_bytes(bytes(5))
    own = {"study": "folder", "data": {"source": "folder", "folder": str(folder)}}
    own["recordings"] = "workflow/data/recordings-nmnist.tsv"
    own["evaluation"] = {"sets": [{"name": "mine", "folder": str(folder)}]}
    write_config(project, "folder.yaml", **own)
    found: dict[str, set[frozenset[str]]] = {}
    twins = write_config(project, "twins.yaml", simulation={"real_twins": str(folder)})
    presets = {study: [f"workflow/presets/{study}.yaml"] for study in STUDIES}
    presets |= {"folder": ["folder.yaml"], "twins": [*presets["smoke"], twins]}
    for configs in presets.values():
        done = run_snakemake(project, "--dry-run", "--cores", "2", "--configfile", *configs)
        assert done.returncode == 0, done.stdout + done.stderr
        rule = ""
        for line in (done.stdout + done.stderr).splitlines():
            if match := re.match(r"\s*(?:local)?rule (\w+):$", line):
                rule = match[1]
            elif match := re.match(r"\s+input: (.*)$", line):
                files = {name for name in match[1].split(", ") if "/dvs_snn/" in name}
                # Rules without a script list no code.
                found.setdefault(rule, set()).update({frozenset(files)} if files else ())
    return {rule: jobs for rule, jobs in found.items() if jobs}


def test_rules_list_just_the_code_that_their_scripts_use(listed):
    """The workflow finds imports by a regular expression, this test by Python's own parser."""
    entries = {str((PACKAGE / name).relative_to(ROOT)) for name in (*ENTRIES, *FIGURES)}
    # A rule that is another's copy uses its script.
    copies = {
        "evaluate": "evaluate_set", "plot_recording": "plot_figure", "plot_raster": "plot_figure",
    }  # fmt: skip
    for rule, jobs in listed.items():
        script = SCRIPTS / f"{copies.get(rule, rule)}.py"
        for files in jobs:
            used = {ROOT / name for name in entries & files}
            assert files == closure_of(package_imports(script) | used), rule
    assert {path.stem for path in SCRIPTS.glob("*.py")} == listed.keys() - copies.keys()


def test_a_figure_hangs_on_its_own_module_alone(listed):
    """A recording's panels are drawn by one job, but for the spikes; the page has all words."""
    drawn = {
        rule: sorted(
            sorted(name for name in FIGURES if f"workflow/scripts/dvs_snn/{name}" in files)
            for files in listed[rule]
        )
        for rule in ("plot_figure", "plot_recording", "plot_raster", "report")
    }
    folder = "report/figures/recording"
    assert drawn["plot_raster"] == [[f"{folder}/raster.py"]]
    panels = sorted(f"{folder}/{name}.py" for name in ("strip", "cloud", "rate"))
    assert drawn["plot_recording"] == [panels]
    others = sorted(name for name in FIGURES if not name.startswith(folder))
    assert drawn["plot_figure"] == [[name] for name in others]
    assert sorted(FIGURES) in drawn["report"]


def test_rooms_rest_only_on_those_below_them():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(SCRIPTS), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_room_and_no_file_is_too_large():
    rooms = {path.parent for path in MODULES}
    assert {room.name: n for room in rooms if (n := len(list(room.glob("[!_]*.py")))) > 12} == {}


@pytest.mark.parametrize("name", NAMES)
def test_package_knows_nothing_of_snakemake(name):
    assert not {module for module in imported(PACKAGE / name) if "snakemake" in module}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=str)
def test_packages_themselves_hold_only_a_docstring(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert len(tree.body) == 1
    assert ast.get_docstring(tree)


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
