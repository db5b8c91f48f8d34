"""The code of a job, as one hash: an edit of a module runs again the jobs that load it.

The hash is over the modules of the package that the job's script imports, directly or not, and over
those that the job names: its method, format, engine or figure, which registries import by name.
Jobs hold it as the param `code`, which Snakemake compares with that of their last run.
"""

import ast
import functools
import os
from pathlib import Path

import grimp
from grimp.exceptions import SourceSyntaxError

from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of_all

SCRIPTS = Path(__file__).resolve().parents[2]


@functools.cache
def import_graph() -> grimp.ImportGraph:
    """Return which module of the package imports which, inside functions too.

    A module that isn't Python raises StudyError: a user wrote into it, or added it.
    """
    try:
        return grimp.build_graph("dvs_snn", exclude_type_checking_imports=True, cache_dir=None)
    except SourceSyntaxError as error:
        raise StudyError(
            f"{os.path.relpath(error.filename)} line {error.lineno}: Python can't read "
            f"{(error.text or '').strip()!r}; correct that line."
        ) from error


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
    files = {}
    for name in modules_of(script, *entries):
        folder = SCRIPTS / name.replace(".", "/")
        files[name] = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    return sha256_of_all(files)[:16]
