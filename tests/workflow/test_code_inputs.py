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
# What settings name and a script imports as text: the entry of a registry that its job uses.
ENGINE = PACKAGE / "inference/engines/event/engine.py"
ENTRIES = {
    "train": PACKAGE / "training/losses/cross_entropy.py",
    **dict.fromkeys(("convert", "evaluate_set", "infer", "sensitivity"), ENGINE),
}
# Studies that together have every rule.
STUDIES = ("twins", "tutorial", "nmnist", "mnist-dvs", "folder")


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
    todo, seen = package_imports(path), set()
    while todo:
        module = todo.pop()
        seen.add(module)
        todo |= package_imports(module) - seen
    return {str(module.relative_to(ROOT)) for module in seen}


@pytest.fixture(scope="module")
def listed(project, tmp_path_factory) -> dict[str, set[str]]:
    """Return the package modules among the inputs of each rule, as dry runs list them."""
    folder = tmp_path_factory.mktemp("digits")
    (folder / "0").mkdir()
    for number in range(9):
        (folder / "0" / f"{number}.bin").write_bytes(bytes(5))
    own = {"study": "folder", "data": {"source": "folder", "folder": str(folder)}}
    own["recordings"] = "workflow/data/recordings-nmnist.tsv"
    own["evaluation"] = {"sets": [{"name": "mine", "folder": str(folder)}]}
    write_config(project, "folder.yaml", **own)
    write_config(project, "twins.yaml", simulation={"real_twins": str(folder)})
    files = {"folder": ["folder.yaml"], "twins": [SMOKE[1], "twins.yaml"]}
    found: dict[str, set[str]] = {}
    for study in STUDIES:
        configs = files.get(study, [f"workflow/presets/{study}.yaml"])
        done = run_snakemake(project, "--dry-run", "--cores", "2", "--configfile", *configs)
        assert done.returncode == 0, done.stdout + done.stderr
        rule = ""
        for line in (done.stdout + done.stderr).splitlines():
            if match := re.match(r"\s*(?:local)?rule (\w+):$", line):
                rule = match[1]
            elif match := re.match(r"\s+input: (.*)$", line):
                code = {name for name in match[1].split(", ") if "/dvs_snn/" in name}
                assert found.setdefault(rule, code) == code
    return found


def test_rules_list_just_the_code_that_their_scripts_use(listed):
    """The workflow finds imports by a regular expression, this test by Python's own parser."""
    scripts = {path.stem: closure(path) for path in SCRIPTS.glob("*.py")}
    for name, entry in ENTRIES.items():
        scripts[name] |= closure(entry) | {str(entry.relative_to(ROOT))}
    # Rules without a script list no code; a rule that is another's copy uses its script.
    rules = {rule: code for rule, code in listed.items() if code}
    assert rules.pop("evaluate") == rules["evaluate_set"]
    assert rules == {name: code for name, code in scripts.items() if name in rules}
    assert scripts.keys() - rules.keys() == set()


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


def test_the_study_runs_from_any_folder(project, tmp_path):
    done = run_snakemake(
        tmp_path, "--dry-run", "-s", str(project / "Snakefile"), "--configfile",
        str(project / "workflow/presets/smoke.yaml"),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rule train:" in done.stdout


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
