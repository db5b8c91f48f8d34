import subprocess
import sys

import pytest

from dvs_snn.plan.code import SCRIPTS, modules_of

# Imports a script without running it, and prints the modules of the package that it has loaded.
LOAD = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(*(name for name, module in sys.modules.items()
        if name.startswith("dvs_snn.") and not hasattr(module, "__path__")))
"""


@pytest.mark.parametrize("script", ["choose", "manifest", "simulate_set", "train"])
def test_the_modules_of_a_script_are_those_that_importing_it_loads(script):
    done = subprocess.run(
        [sys.executable, "-c", LOAD, script],
        cwd=SCRIPTS,
        capture_output=True,
        text=True,
        check=True,
    )
    assert modules_of(script) == sorted(done.stdout.split())


def test_the_code_is_another_when_one_of_its_files_is(tmp_path, monkeypatch):
    """Modules and scripts are files of two functions, one of which imports when it is called."""
    package = tmp_path / "dvs_snn"
    package.mkdir()
    for name, text in {
        "__init__": "",
        "used": "",
        "inside": "",
        "named": "",
        "unused": "from dvs_snn import used",
        "direct": "from dvs_snn.used import a\ndef b():\n    from dvs_snn.inside import c",
    }.items():
        (package / f"{name}.py").write_text(text)
    (tmp_path / "draw.py").write_text("from dvs_snn import direct")
    # The graph is made by another process: this one has imported the real package.
    program = (
        "import pathlib, sys\n"
        "from dvs_snn.plan import code\n"
        f"code.SCRIPTS = pathlib.Path({str(tmp_path)!r})\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "del sys.modules['dvs_snn']\n"
        "print(code.code_of('draw'), code.code_of('draw', 'dvs_snn.named'))\n"
    )

    def codes() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=SCRIPTS, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    before = codes()
    changed = {}
    for path in sorted(package.glob("[!_]*.py")):
        path.write_text(path.read_text() + "\n# edited\n")
        after = codes()
        changed[path.stem] = [one != two for one, two in zip(before, after, strict=True)]
        before = after
    used, of_entry, unused = [True, True], [False, True], [False, False]
    assert changed == {
        "direct": used,
        "inside": used,
        "used": used,
        "named": of_entry,
        "unused": unused,
    }
