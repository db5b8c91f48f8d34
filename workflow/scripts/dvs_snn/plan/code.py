"""The code of a job, as one hash: an edit of a module runs again the jobs that load it.

The hash is over the job's script, the modules of the package that it imports, directly or not, and
those that the job names: its method, format, engine or figure, which registries import by name.
Jobs hold it as the param `trigger_code`, which Snakemake compares with that of their last run.
"""

import ast
import functools
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import grimp
from grimp.exceptions import SourceSyntaxError

from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of

SCRIPTS = Path(__file__).resolve().parents[2]

IN_UTF8 = """
import json, sys
sys.path.insert(0, sys.argv[1])
from dvs_snn.plan.code import import_graph
graph = import_graph()
print(json.dumps({name: sorted(graph.find_modules_directly_imported_by(name))
                  for name in graph.modules}))
"""


@functools.cache
def import_graph() -> grimp.ImportGraph:
    """Return which module of the package imports which, inside functions too.

    A module that isn't Python raises StudyError: a user wrote into it, or added it.
    """
    # grimp takes a path for UTF-8, whatever the locale: elsewhere a process in UTF-8 asks it.
    if os.fsencode(SCRIPTS) == str(SCRIPTS).encode():
        try:
            return grimp.build_graph("dvs_snn", exclude_type_checking_imports=True, cache_dir=None)
        except SourceSyntaxError as error:
            raise StudyError(
                f"{os.path.relpath(error.filename)} line {error.lineno}: Python can't read "
                f"{(error.text or '').strip()!r}; correct that line."
            ) from error
    command = [sys.executable, "-X", "utf8", "-c", IN_UTF8, str(SCRIPTS)]
    done = subprocess.run(command, capture_output=True, check=True)
    graph = grimp.ImportGraph()
    for importer, imported in json.loads(done.stdout).items():
        graph.add_module(importer)
        for name in imported:
            graph.add_import(importer=importer, imported=name)
    return graph


@functools.cache
def modules_of(script: str, *entries: str) -> list[str]:
    """Return the full names of the modules that a job loads, sorted.

    Args:
        script: the name of its script.
        entries: modules that it imports by name.
    """
    graph = import_graph()
    tree = ast.parse((SCRIPTS / f"{script}.py").read_text(encoding="utf-8"))
    direct = set(entries)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            imported = {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
            direct |= imported & graph.modules
    modules = set(direct)
    for module in direct:
        modules |= graph.find_upstream_modules(module)
    return sorted(modules)


@functools.cache
def code_of(script: str, *entries: str) -> str:
    """Return the hash of the code of a job; see :func:`modules_of`."""
    files = {script: SCRIPTS / f"{script}.py"}
    for name in modules_of(script, *entries):
        folder = SCRIPTS / name.replace(".", "/")
        files[name] = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    lines = [f"{sha256_of(path)}  {name}\n" for name, path in files.items()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]
