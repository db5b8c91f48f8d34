"""Mistakes in settings, each told in one sentence: key, what was found and expected, remedy."""

import difflib
import math
import re
import reprlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from dvs_snn.files.errors import CONTROL, StudyError

# The Snakefile reads some files each time: libyaml is ten times as fast, where PyYAML has it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

shown = reprlib.Repr()
shown.maxstring = shown.maxother = 80
shown.maxlong = 40

_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")
_TYPES = {
    "int_type": "of type integer", "int_from_float": "of type integer",
    "float_type": "of type number", "bool_type": "of type boolean", "string_type": "of type string",
    "string_unicode": "text without lone surrogates", "tuple_type": "a list",
    "dict_type": "a section of keys", "dataclass_type": "a section of keys",
    "finite_number": "a finite number",
    "string_pattern_mismatch":
        "letters, digits, '.', '_' and '-' only, not starting with a sign, and at most 64",
}  # fmt: skip
_BOUNDS = {
    "gt": "more than", "ge": "at least", "lt": "less than", "le": "at most",
    "min_length": "at least", "max_length": "at most",
}  # fmt: skip


def one_line(sentence: str) -> str:
    """Return a sentence that quotes names out of a user's file, fit for one line."""
    return CONTROL.sub("?", sentence[:1000])


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return the end of a sentence on an unknown name: the closest known one, or all."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known)}."


def validated(kind: Any, value: Any, where: str) -> Any:
    """Return `value` as an instance of a section; its first mistake raises StudyError.

    `where` stands before the key in a sentence, such as "config key"; a dot at its end joins them.
    """
    adapter = TypeAdapter(kind)
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        found = error.errors(include_url=False)
        # Unknown keys come first: a misspelt key is also a missing one.
        first = min(found, key=lambda one: one["type"] not in _UNKNOWN)
        told = _sentence(first, adapter.json_schema(), where)
    raise StudyError(one_line(told))


def _inner(schema: dict, part: int | str, root: dict) -> dict:
    """Return the JSON Schema of a key or an entry."""
    for option in (schema, *schema.get("anyOf", [])):
        option = _resolved(option, root)
        if part in option.get("properties", {}):
            return option["properties"][part]
        # For keys that have to match a pattern, the schema stands below the pattern.
        behind = [*option.get("patternProperties", {}).values()]
        for inner in (option.get("items"), option.get("additionalProperties"), *behind):
            if isinstance(inner, dict):
                return inner
    return {}


def _resolved(schema: dict, root: dict) -> dict:
    if "$ref" not in schema:
        return schema
    return {**root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], **schema}


def _sentence(error: Mapping[str, Any], root: dict, where: str) -> str:
    # Where pydantic refuses the key itself, not its value, it adds "[key]" to the place.
    parts = [part for part in error["loc"] if part != "[key]"]
    kind, found, context = error["type"], error["input"], error.get("ctx", {})
    schema, above = root, root
    for part in parts:
        schema, above = _inner(schema, part, root), schema
    full = ".".join(str(part)[:200] for part in parts)
    name = where + full if where.endswith(".") else f"{where} {full}" if full else where
    if kind in _UNKNOWN:
        options = [_resolved(option, root) for option in (above, *above.get("anyOf", []))]
        known = sorted(key for option in options for key in option.get("properties", {}))
        return f"{name} is not a known key; {did_you_mean(str(parts[-1])[:200], known)}"
    if kind == "mistake":
        return f"{name}.{context['name']} {context['told']}"
    about = schema.get("description", "")
    hint = f" ({about.rstrip('.')})" if about else ""
    if kind == "missing":
        return f"{name} is missing{hint}; add it."
    wanted = _wanted(kind, context, found)
    if {"type": "null"} in schema.get("anyOf", []):
        wanted += " or null"
    told = "empty" if found is None else shown.repr(found)
    if kind == "float_type" and isinstance(found, str):
        with suppress(ValueError):
            if math.isfinite(number := float(found)):
                written = yaml.safe_dump(number).split()[0]
                told += f", which YAML reads as text, expected a number: write {written}"
                return f"{name} is {told} without quotes{hint}."
    return f"{name} is {told}, expected {wanted}{hint}."


def _wanted(kind: str, context: Mapping[str, Any], found: Any) -> str:
    if kind == "expected":
        return context["what"]
    if kind == "literal_error":
        return f"one of {context['expected'].replace(chr(39), '').replace(' or ', ', ')}"
    for bound in context.keys() & _BOUNDS.keys():
        limit = context[bound]
        words = f"{_BOUNDS[bound]} {int(limit) if limit == int(limit) else limit}"
        if bound.endswith("length"):
            words += " characters" if isinstance(found, str) else " entries"
        return words
    return _TYPES.get(kind, kind.replace("_", " "))


def refuse_odd_keys(section: Any, above: str = "") -> None:
    """Raise StudyError if a key is a number, yes, no or nothing: YAML reads those as no text."""
    inner = enumerate(section) if isinstance(section, list) else ()
    if isinstance(section, Mapping):
        inner = section.items()
    for name, value in inner:
        if isinstance(section, Mapping) and not isinstance(name, str):
            raise StudyError(one_line(f"config key {above}{name} is no text; write it in quotes."))
        refuse_odd_keys(value, f"{above}{name}.")


def refuse_alike(where: str, names: Iterable[str]) -> None:
    """Raise StudyError if two names differ in case alone: some file systems take them for one."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise StudyError(
                f"{where} has {other!r} and {name!r}, expected names that differ in more than case."
            )


def refuse_doubled_keys(path: Path) -> None:
    """Raise StudyError if a key stands twice in a section of a YAML file, which drops the first."""
    try:
        tree = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    except (OSError, ValueError, yaml.YAMLError):
        return  # Snakemake has read the file, and said so
    todo = [(tree, "")]
    for node, key in todo:  # the loop appends to `todo`
        if isinstance(node, yaml.SequenceNode):
            todo += [(inner, f"{key}{number}.") for number, inner in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            lines: dict[str, int] = {}
            for name, inner in node.value:
                line, text = name.start_mark.line + 1, str(name.value)
                if text in lines:
                    told = f"the key {key}{text} stands there again, after line {lines[text]}"
                    raise StudyError(one_line(f"{path} line {line}: {told}; delete one."))
                lines[text] = line
                todo.append((inner, f"{key}{text}."))


def check_command_line(arguments: Sequence[str]) -> None:
    """Raise StudyError for a second --configfile, since Snakemake drops the files of the first."""
    flags = [word.split("=")[0] for word in arguments]
    if sum(flag in ("--configfile", "--configfiles") for flag in flags) > 1:
        raise StudyError(
            "the command line has --configfile more than once, and Snakemake would read the last "
            "alone: write all files after one, as in --configfile a.yaml b.yaml."
        )


def check_python(executable: str = sys.executable) -> None:
    """Raise StudyError if a shell needs quotes for Python's path: Snakemake 9 writes none."""
    if re.search(r"[^\w@%+=:,./~-]", executable):
        raise StudyError(
            f"the Python that runs Snakemake is {executable!r}, expected a path without spaces and "
            "signs of a shell; make the virtual environment elsewhere, as 'python3 -m venv ~/dvs'."
        )
