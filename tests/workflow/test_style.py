"""The project's form: linters are clean, rules complete, scripts thin, versions in step."""

import ast
import re

import pytest
import yaml
from running import ROOT, run_program, succeed

RULE_FILES = sorted((ROOT / "workflow/rules").glob("*.smk"))
SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*.py"))


@pytest.mark.parametrize("preset", ["smoke", "tutorial"])
def test_snakemake_lint_is_clean(project, preset):
    succeed(project, "--lint", "--configfile", f"workflow/presets/{preset}.yaml")


@pytest.mark.parametrize(
    "command",
    ["snakefmt --check Snakefile workflow", "ruff check .", "ruff format --check .", "mypy"],
    ids=lambda command: command.rpartition(" --")[0] or command,
)
def test_a_linter_is_clean(command):
    run_program(ROOT, "-m", *command.split())


def test_environment_is_in_step_with_requirements():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = (part["pip"] for part in environment["dependencies"] if isinstance(part, dict))
    assert pip == (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()


def test_every_rule_has_a_docstring_of_one_line_and_its_thin_script():
    text = "".join(path.read_text(encoding="utf-8") for path in RULE_FILES)
    rules = re.findall(r"^ *rule (\w+):$", text, re.M)
    assert re.findall(r'^ *rule (\w+):\n +"""\S.*\S"""$', text, re.M) == rules
    assert re.findall(r'^ *"../scripts/(\w+)\.py"$', text, re.M) == rules
    assert {script.stem for script in SCRIPTS} == set(rules)
    for script in SCRIPTS:
        tree = ast.parse(script.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree)
        imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        # Its docstring, what it imports, and the call of one function.
        assert len(tree.body) == len(imports) + 2, script.name
