"""Registries: a folder whose modules are the entries, each imported when it is asked for.

A new entry is one file: nothing lists it. Settings write its name with `-` for `_`. What an entry
must hold is written as a protocol (`typing.Protocol`) beside the function that loads it.
"""

import importlib
import inspect
import os
import pkgutil
from types import FunctionType, ModuleType
from typing import Any, get_args, get_origin

from dvs_snn.files.errors import StudyError


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


def load(package: str, name: str, protocol: type) -> Any:
    """Import an entry's module, and check that it fulfils the protocol.

    The caller annotates what it gets with the protocol.

    Raises:
        KeyError: there is no such entry; the message has the known ones.
        StudyError: the module lacks a name of the protocol, or holds something else under it. A
            function must have the protocol's parameters, by name and order, and no others; where
            the protocol takes `**`, it may have any.
    """
    module = importlib.import_module(module_of(package, name))
    for member, expected in _members(protocol).items():
        _check_member(module, member, expected)
    return module


def _members(protocol: type) -> dict[str, Any]:
    """Return the functions of a protocol and the annotations of its other names."""
    members: dict[str, Any] = {}
    for part in reversed(protocol.__mro__):
        members |= inspect.get_annotations(part)
        members |= {name: value for name, value in vars(part).items() if inspect.isfunction(value)}
    return {name: member for name, member in members.items() if not name.startswith("_")}


def _check_member(module: ModuleType, name: str, expected: Any) -> None:
    """Raise StudyError unless a module has under `name` what a member of its protocol says."""
    member = getattr(module, name, None)
    if isinstance(expected, FunctionType):
        _, *wanted = inspect.signature(expected).parameters
        takes_any = inspect.getfullargspec(expected).varkw is not None
        fits = callable(member) and (takes_any or [*inspect.signature(member).parameters] == wanted)
        form = f"function {name}({', '.join(wanted)})"
    elif get_origin(expected) is type:
        (base,) = get_args(expected)
        fits = isinstance(member, type) and issubclass(member, base)
        form = f"{name}, a class derived from {base.__name__}"
    else:
        kind = get_origin(expected) or expected
        fits = isinstance(member, kind)
        form = f"{name} of type {kind.__name__}"
    if not fits:
        place = os.path.relpath(inspect.getfile(module))
        raise StudyError(f"{place}: lacks the {form}; correct that file.")
