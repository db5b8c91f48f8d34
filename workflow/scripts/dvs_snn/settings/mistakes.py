"""Mistakes in settings, each told in one sentence: key, what was found and expected, remedy."""

import difflib
import math
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from dvs_snn.files.errors import CONTROL, StudyError

# The Snakefile reads some files each time: libyaml is ten times as fast, where PyYAML has it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Section = TypeVar("Section")

shown = reprlib.Repr()
shown.maxstring = shown.maxother = 80
shown.maxlong = 40

# Texts, and what lays one section over another.
_KEY_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")
# The last two are the tags of `base.USUAL` and `base.INSTEAD`.
_NOT_OF_USER = ("[key]", "[usual]", "[instead]")
# Where pydantic's words are those of a programmer.
_WORDS = {
    "tuple_type": "a list",
    "dict_type": "a section of keys",
    "dataclass_type": "a section of keys",
    "string_type": "text",
    "string_unicode": "text without lone surrogates",
    "bool_type": "true or false",
    "float_type": "a number, with a decimal point",
    "int_type": "a whole number, written without a point",
    "string_pattern_mismatch": "letters, digits, '.', '_' and '-' only, not starting with a sign, "
    "and at most 64",
}


def one_line(sentence: str) -> str:
    """Return a sentence that quotes names out of a user's file, fit for one line."""
    return CONTROL.sub("?", sentence[:1000])


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return the end of a sentence on an unknown name: the closest known one, or all."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known)}."


def validated(kind: type[Section], value: object, where: str) -> Section:
    """Return `value` as an instance of a section; its first mistake raises StudyError.

    `where` stands before the key in a sentence, such as "config key"; a dot at its end joins them.
    """
    adapter = TypeAdapter(kind)
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        # Unknown keys come first: a misspelt key is also a missing one.
        mistakes = error.errors(include_url=False)
        first = min(mistakes, key=lambda mistake: mistake["type"] not in _UNKNOWN)
    raise StudyError(one_line(_sentence(first, adapter.json_schema(), where)))


def _options(schema: dict, root: dict) -> list[dict]:
    """Return the JSON Schemas of which a value may fit any, their references followed."""
    options = (schema, *schema.get("anyOf", []))
    names = [option.get("$ref", "").rsplit("/", 1)[-1] for option in options]
    parts = root.get("$defs", {})
    return [parts.get(name, {}) | option for name, option in zip(names, options, strict=True)]


def _inner(schema: dict, part: int | str, root: dict) -> dict:
    """Return the JSON Schema of a key or an entry."""
    for option in _options(schema, root):
        # For keys that have to match a pattern, the schema stands below the pattern.
        behind = option.get("patternProperties", {}).values()
        named = option.get("properties", {}).get(part)
        for inner in (named, option.get("items"), option.get("additionalProperties"), *behind):
            if isinstance(inner, dict):
                return inner
    return {}


def _has_key(schema: dict, key: str, root: dict) -> bool:
    """Whether a section, by its JSON Schema, has a key."""
    return any(key in option.get("properties", {}) for option in _options(schema, root))


def _sentence(error: Mapping[str, Any], root: dict, where: str) -> str:
    """Return the sentence on a mistake that pydantic found.

    Args:
        root: the JSON Schema of the settings.
    """
    # Pydantic adds "[key]" to the user's path where it refuses a key itself, and tags of unions.
    parts = [part for part in error["loc"] if part not in _NOT_OF_USER]
    kind = error["type"]
    value = error["input"]
    context = error.get("ctx", {})
    schema = above = root
    for part in parts:
        above = schema
        schema = _inner(schema, part, root)
    full = ".".join(str(part)[:200] for part in parts)
    name = where + full if where.endswith(".") else f"{where} {full}" if full else where

    if kind in _UNKNOWN:
        options = _options(above, root)
        known: dict[str, dict] = {}
        for option in options:
            known |= option.get("properties", {})
        unknown = str(parts[-1])[:200]
        sections = [other for other, inner in known.items() if _has_key(inner, unknown, root)]
        if sections:
            return f"{name} is not a known key; it belongs below {' or '.join(sections)}."
        return f"{name} is not a known key; {did_you_mean(unknown, sorted(known))}"
    if kind == "mistake":
        return f"{name}.{context['name']} {context['sentence']}"
    meaning = schema.get("description", "").rstrip(".")
    unit = schema.get("unit")
    hint = f" ({meaning}{f', in {unit}' if unit else ''})" if meaning else ""
    if kind == "missing":
        return f"{name} is missing{hint}; add it."

    shown_value = "empty" if value is None else shown.repr(value)
    if kind == "float_type" and isinstance(value, str):
        with suppress(ValueError):
            if math.isfinite(number := float(value)):
                return (
                    f"{name} is {shown_value}, which YAML reads as text, expected a number: write "
                    f"{yaml.safe_dump(number).split()[0]} without quotes{hint}."
                )

    if kind == "expected":
        wanted = context["what"]
    elif kind == "literal_error":
        names = context["expected"].replace("'", "").replace(" or ", ", ")
        wanted = f"one of {names}"
    else:
        # Such as "Input should be greater than 0".
        message = error["msg"].partition(" should ")[2].partition(" after validation")[0]
        wanted = _WORDS.get(kind) or message.removeprefix("be ").removeprefix("have ")
    if {"type": "null"} in schema.get("anyOf", []):
        wanted += " or null"
    return f"{name} is {shown_value}, expected {wanted}{hint}."


def refuse_alike(where: str, names: Iterable[str], taken: Sequence[str] = ()) -> None:
    """Raise StudyError if a name is taken; case doesn't count, as in some file systems.

    `taken` are the names of the study's own things.
    """
    seen = {name.casefold() for name in taken}
    for name in names:
        if name.casefold() in seen:
            own = f" and the study's own ({', '.join(taken)})" if taken else ""
            raise StudyError(
                f"{where} has {name!r}, expected a name unlike all others{own}, whatever their "
                "case; choose another name."
            )
        seen.add(name.casefold())


def check_yaml(path: Path) -> None:
    """Raise StudyError if a key stands twice in a section of a file, or is no text.

    YAML drops the first of two, and reads numbers, yes, no and nothing otherwise.
    """
    try:
        tree = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    except (OSError, ValueError, yaml.YAMLError):
        return  # Snakemake has read the file, and said so
    todo = [(tree, "")]
    for node, above in todo:  # the loop appends to `todo`
        if isinstance(node, yaml.SequenceNode):
            todo += [(inner, f"{above}{number}.") for number, inner in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            lines: dict[str, int] = {}
            for name, inner in node.value:
                key = f"{above}{name.value}"
                where = f"{path} line {name.start_mark.line + 1}: the key {key}"
                if name.tag not in _KEY_TAGS:
                    raise StudyError(
                        one_line(
                            f"{where} is no text; write it in quotes, or write a number before it "
                            "with a decimal point instead of a comma."
                        )
                    )
                if key in lines:
                    again = f"stands there again, after line {lines[key]}"
                    raise StudyError(one_line(f"{where} {again}; delete one."))
                lines[key] = name.start_mark.line + 1
                todo.append((inner, f"{key}."))
