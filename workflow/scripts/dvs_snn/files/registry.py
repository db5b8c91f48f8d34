"""Registries: a folder whose modules are the entries, each imported when it is asked for.

A new entry is one file: nothing lists it. Settings write its name with `-` for `_`.
"""

import importlib
import pkgutil
from types import ModuleType


def names(package: str) -> list[str]:
    """Return the entries of a package, its modules and packages, sorted; imports none of them."""
    path = importlib.import_module(package).__path__
    return sorted(entry.name for entry in pkgutil.iter_modules(path) if entry.name[0] != "_")


def module_of(package: str, name: str) -> str:
    """Return the full name of an entry's module; KeyError, with the known ones, without such."""
    known = names(package)
    if name.replace("-", "_") not in known:
        raise KeyError(f"{package} has no {name!r}, expected one of {', '.join(known)}")
    return f"{package}.{name.replace('-', '_')}"


def load(package: str, name: str) -> ModuleType:
    """Import an entry's module; KeyError, with the known ones, without such an entry."""
    return importlib.import_module(module_of(package, name))
