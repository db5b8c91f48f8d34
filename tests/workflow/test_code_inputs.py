"""What code a job depends on is declared exactly, and modules rest only on lower floors."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from running import ROOT, SMOKE

PACKAGE = ROOT / "workflow/scripts/dvs_snn"
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")
SCRIPTS = sorted(path.stem for path in (ROOT / "workflow/scripts").glob("*.py"))
RULE_TEXT = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "workflow/rules").glob("*.smk"))
)

# A module imports from floors below its own only.
FLOORS = (
    (
        "atomic",
        "augment",
        "errors",
        "freed_memory",
        "hashing",
        "kernel_cache",
        "layers",
        "page_parts",
        "power",
        "randomness",
        "response",
        "sensor_changes",
        "statistics",
    ),
    (
        "catalogue",
        "choice",
        "devices",
        "figures",
        "integrity",
        "model",
        "rectified_pooling",
        "synops",
        "tablefile",
        "zipped",
    ),
    (
        "archives",
        "arrayfile",
        "budgets",
        "checksums",
        "conversion",
        "event_network",
        "events",
        "job",
        "manifest",
        "resumption",
        "symbols",
        "tables",
    ),
    (
        "calibration",
        "event_layout",
        "fetching",
        "framing",
        "listing",
        "provenance",
        "simulator",
        "twins",
        "unpacking",
    ),
    (
        "configuration",
        "event_inference",
        "framestore",
        "origin",
        "scenes",
        "simulation_figures",
        "sources",
    ),
    (
        "answer_page",
        "drawing",
        "gathering",
        "inference",
        "samples",
        "simulation",
        "simulation_drawing",
        "simulation_page",
        "training",
    ),
    (
        "accumulation",
        "ann",
        "page",
        "simulated_calibration",
        "simulated_set",
        "stepstore",
        "verification",
    ),
    (
        "reporting",
        "sensitivity_recordings",
        "set_evaluation",
    ),
    (
        "evaluation",
        "sensitivity",
    ),
)


def imported(path: Path) -> set[str]:
    """Return the full names of all modules that a file imports, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports within the package are written in full"
            names.add(node.module or "")
            if node.module == "dvs_snn":
                names |= {f"dvs_snn.{alias.name}" for alias in node.names}
    return names


def package_imports(path: Path) -> set[str]:
    """Return the package's modules that a file imports."""
    return {name.split(".")[1] for name in imported(path) if name.startswith("dvs_snn.")}


def closure(path: Path) -> list[str]:
    """Return every module of the package that importing a file loads."""
    todo, seen = package_imports(path), set()
    while todo:
        module = todo.pop()
        seen.add(module)
        todo |= package_imports(PACKAGE / f"{module}.py") - seen
    return sorted(seen)


def declared(rule: str) -> list[str]:
    """Return the modules of a rule's `code=modules(...)`."""
    text = re.split(rf"^ *rule {rule}:$", RULE_TEXT, flags=re.MULTILINE)[1]
    text = re.split(r"^ *rule \w+:$", text, flags=re.MULTILINE)[0]
    (names,) = re.findall(r"code=modules\(([^)]*)\)", text)
    return re.findall(r'"(\w+)"', names)


@pytest.mark.parametrize("script", SCRIPTS)
def test_rule_declares_just_what_its_script_imports(script):
    assert declared(script) == closure(ROOT / f"workflow/scripts/{script}.py")


def test_every_module_has_a_floor():
    assert sorted(module for floor in FLOORS for module in floor) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_from_lower_floors_only(module):
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    for name in package_imports(PACKAGE / f"{module}.py"):
        assert floor[name] < floor[module], f"{module} imports {name}"


@pytest.mark.parametrize("module", MODULES)
def test_package_knows_nothing_of_snakemake(module):
    assert not {name for name in imported(PACKAGE / f"{module}.py") if "snakemake" in name}


def test_package_itself_holds_only_a_docstring():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
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
        "assert 'dvs_snn.configuration' in sys.modules\n"
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
