"""The project's form: linters are clean, rules complete, scripts thin, versions in step."""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from running import ROOT, run_snakemake

RULE_FILES = sorted((ROOT / "workflow/rules").glob("*.smk"))
SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*.py"))
MODULES = sorted((ROOT / "workflow/scripts/dvs_snn").rglob("[!_]*.py"))


def rules_of(path: Path) -> dict[str, str]:
    """Return each rule's text by its name; a rule ends where the indentation falls back."""
    found: dict[str, str] = {}
    name, indent = "", 0
    for line in path.read_text(encoding="utf-8").splitlines():
        match = re.match(r"^( *)rule (\w+):$", line)
        if match:
            name, indent = match[2], len(match[1])
            found[name] = ""
        elif name and line.strip() and len(line) - len(line.lstrip()) <= indent:
            name = ""
        elif name:
            found[name] += line[indent:] + "\n"
    return found


RULES = {name: text for path in RULE_FILES for name, text in rules_of(path).items()}


def tool(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("preset", ["smoke", "tutorial", "nmnist"])
def test_snakemake_lint_is_clean(project, preset):
    done = run_snakemake(project, "--lint", "--configfile", f"workflow/presets/{preset}.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "command",
    ["snakefmt --check Snakefile workflow", "ruff check .", "ruff format --check ."],
    ids=lambda command: command.rpartition(" --")[0] or command,
)
def test_a_linter_is_clean(command):
    tool(sys.executable, "-m", *command.split())


def test_environment_is_in_step_with_requirements():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = (part["pip"] for part in environment["dependencies"] if isinstance(part, dict))
    assert pip == (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-tests.txt"])
def test_requirements_are_pinned_but_torch(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    for line in (line for line in lines if not line.startswith("#")):
        if line.startswith(("torch>", "torchvision>")):
            assert "," in line, f"{line}: expected a range"
        else:
            assert re.fullmatch(r"[a-z0-9-]+==[\d.]+(post\d+)?", line), line


def test_a_name_has_one_meaning_in_all_rule_files():
    """They share one namespace: functions find a later file's constant under a name of theirs."""
    meanings = defaultdict(set)
    for path in RULE_FILES:
        text = path.read_text(encoding="utf-8")
        for names in re.findall(r"^(\w+(?:, \w+)*) = ", text, re.M):
            for name in names.split(", "):
                meanings[name].add(path.name)
        imported = re.findall(r"^from \S+ import (\([^)]+\)|.+)$", text, re.M)
        for name in re.findall(r"\w+", " ".join(imported)):
            meanings[name].add(path.name)
        for name in re.findall(r"^def (\w+)", text, re.M):
            meanings[name].add(path.name)
    assert {"GATHERED", "CHIPS", "of_cnn"} <= meanings.keys()
    assert {name: files for name, files in meanings.items() if len(files) > 1} == {}


def test_every_script_has_its_rule():
    assert {path.stem for path in SCRIPTS} == set(RULES)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_rule_is_complete(rule):
    text = RULES[rule]
    assert re.match(r'    """\S.*\S"""\n', text), "expected a docstring of one line"
    for directive in ("log", "output"):
        assert re.search(rf"^    {directive}:", text, re.MULTILINE), f"{directive}: is missing"
    assert f'"../scripts/{rule}.py"' in text


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script_is_thin(script):
    text = script.read_text(encoding="utf-8")
    # Without its inputs and outputs a job would neither find damage nor record what it wrote.
    # An archive's hash is kept where all studies find it (`checksums`).
    outputs = "" if script.stem == "download" else ", snakemake.output"
    logged = f"with logged(snakemake.log[0], snakemake.input{outputs}) as progress"
    assert logged in text or re.search(r"^    run\(.+, snakemake\)$", text, re.M)
    assert ast.get_docstring(ast.parse(text))
    imported = set(re.findall(r"^ *(?:from|import) (\w+)", text, re.MULTILINE))
    assert imported <= sys.stdlib_module_names | {"dvs_snn"}


def test_tests_lie_as_the_package_lies():
    tests = ROOT / "tests/unit"
    rooms = {path.parent.relative_to(ROOT / "workflow/scripts/dvs_snn") for path in MODULES}
    assert {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")} <= rooms
