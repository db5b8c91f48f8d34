"""Write what is generated from the settings' models: docs/config.md, and a schema for editors.

Run after a change of a model, of workflow/settings or of what rules pass on: `python
docs/config.py`. It plans studies for each key, which takes some minutes. Tests hold both files.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from pydantic import TypeAdapter  # noqa: E402

from dvs_snn.settings.recordings import RecordingRow  # noqa: E402
from dvs_snn.settings.study import Study  # noqa: E402
from dvs_snn.settings.training import TrainingSettings, Variant  # noqa: E402

PAGE_OF_KEYS = ROOT / "docs" / "config.md"
LAYERS = [*sorted((ROOT / "workflow" / "settings").glob("*.yaml")), ROOT / "config.yaml"]
BOUNDS = {
    "minimum": "≥{}", "exclusiveMinimum": ">{}", "maximum": "≤{}", "exclusiveMaximum": "<{}",
    "minItems": "{} or more", "maxItems": "at most {}",
    "minLength": "{} or more characters", "maxLength": "at most {} characters",
    "minProperties": "{} or more",
}  # fmt: skip
HEAD = """# Settings

`python docs/config.py` writes this page from the models in `workflow/scripts/dvs_snn/settings/`,
which describe each key once. Later layers win, key by key: the default,
`workflow/settings/<data.source>.yaml` (what is tuned for a source of data), `config.yaml`, then the
files of `--configfile` in their order. Beside a default stand the layers that change it. A study
writes the settings in force to `results/<study>/config.used.yaml`. Mistakes and their remedies:
[faults.md](faults.md#mistakes-in-settings).

"Runs" says which rules run when the key changes in a study that has run, as far as it has them. A
letter stands for a list, which may hold another:

"""
COLUMNS = ["Key", "Value", "Default", "Runs", "Meaning"]


def resolved(schema: dict, root: dict) -> dict:
    """Return a JSON Schema with its reference followed, and null aside."""
    if "$ref" in schema:
        return {**root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], **schema}
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    return {**schema, **resolved(options[0], root)} if options else schema


def type_of(schema: dict, root: dict) -> str:
    """Say which values a key takes."""
    inner = resolved(schema, root)
    bounds = [words.format(inner[bound]) for bound, words in BOUNDS.items() if bound in inner]
    if inner.get("minItems", 0) == inner.get("maxItems", -1):
        bounds = [f"{inner['minItems']} entries"]
    kind = ", ".join([inner.get("type", "section"), *bounds])
    if "enum" in inner:
        kind = ", ".join(map(str, inner["enum"]))
    if "pattern" in inner:
        kind = "name (letters, digits, `.`, `_`, `-`)" if root["title"] == "Study" else "text"
    if inner.get("type") == "array":
        kind = f"list of {type_of(inner['items'], root)}; {'; '.join(bounds) or 'any number'}"
    return f"{kind}, or null" if {"type": "null"} in schema.get("anyOf", []) else kind


def kinds_of(schema: dict, root: dict) -> list:
    """Return the values of an enumerated key, or of the entries of its list."""
    inner = resolved(schema, root)
    return inner.get("enum") or (kinds_of(inner["items"], root) if "items" in inner else [])


def keys(schema: dict, root: dict, place: tuple = ()) -> Iterator[tuple[tuple, dict]]:
    """Yield every key that holds a value, with its place; a name that is free is `<name>`."""
    inner = resolved(schema, root)
    if "properties" in inner:
        for name, one in inner["properties"].items():
            yield from keys(one, root, (*place, name))
        return
    named = [*inner.get("patternProperties", {}).values(), inner.get("additionalProperties")]
    for free, one in (("<name>", named[0]), ("[]", inner.get("items"))):
        if isinstance(one, dict) and "properties" in resolved(one, root):
            yield from keys(one, root, (*place, free))
            return
    yield place, schema


def shown(value: object) -> str:
    """Return a value as YAML writes it, in one line."""
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text}`"


def set_in(place: tuple, default: object) -> str:
    """Name the layers that have another value."""
    layers = []
    for path in LAYERS:
        value: object = yaml.safe_load(path.read_text(encoding="utf-8"))
        for name in place:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None and value != default:
            layers.append(path.stem if path.parent != ROOT else path.name)
    return ", ".join(layers)


def name_of(place: tuple) -> str:
    """Return a key as the page writes it."""
    return ".".join(place).replace(".[]", "[]")


def lettered(again: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    """Return the sets of rules that keys run, by their letters; a smaller set comes first."""
    sets = sorted(
        {frozenset(rules) for rules in again.values()}, key=lambda one: (len(one), *sorted(one))
    )
    letters = [first + second for first in ("", *ascii_lowercase) for second in ascii_lowercase]
    return dict(zip(letters, filter(None, sets), strict=False))


def lists_of(sets: dict[str, frozenset[str]]) -> str:
    """Return the list of each letter: the last list before that it holds, and the rest."""
    lines, known = [], {}
    for letter, rules in sets.items():
        within = [name for name, held in known.items() if held < rules][-1:]
        rest = rules - frozenset().union(*(known[name] for name in within))
        words = [*(f"*{name}*" for name in within), *(f"`{rule}`" for rule in sorted(rest))]
        lines.append(f"- *{letter}*: {', '.join(words)}.\n")
        known[letter] = rules
    return "".join(lines)


def places() -> dict[str, tuple[tuple, list]]:
    """Return of each key of a study its place, and the values that it may have if they are few."""
    root = TypeAdapter(Study).json_schema()
    return {name_of(place): (place, kinds_of(one, root)) for place, one in keys(root, root)}


def table(
    schema: dict, root: dict, letters: dict[str, str] | None = None, place: tuple = ()
) -> str:
    """Return the table of a section's keys; keys that differ in one name alone share a row.

    Args:
        letters: of the rules that a key runs; None: nothing is said of that and of layers.
    """
    columns = COLUMNS if letters is not None else [COLUMNS[n] for n in (0, 1, 2, 4)]
    rows: dict[tuple, list[tuple]] = {}
    for where, one in keys(schema, root, place):
        value = ", ".join(filter(None, [type_of(one, root), one.get("unit", "")]))
        default = shown(one["default"]) if "default" in one else ""
        runs = ()
        if letters is not None:
            runs = (letters.get(name_of(where), ""),)
            default = ", ".join(filter(None, [default, set_in(where, one.get("default"))]))
        meaning = one.get("description", "").replace("<", "&lt;")
        cells = (value, default, *runs, meaning)
        rows.setdefault((len(where), where[-1], cells), []).append(where)
    lines = [f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|\n"]
    for (_, _, cells), of_row in rows.items():
        lines.append(f"| {' | '.join([f'`{joined(of_row)}`', *cells])} |\n")
    return "".join(lines)


def joined(places: list[tuple]) -> str:
    """Write several keys as one, such as `a.{b, c}.d`."""
    parts = [dict.fromkeys(part) for part in zip(*places, strict=True)]
    return name_of(
        tuple(next(iter(part)) if len(part) == 1 else f"{{{', '.join(part)}}}" for part in parts)
    )


def rules_as_written() -> dict[str, set[str]]:
    """Return the rules that run again when a key changes, as docs/config.md says them now."""
    text = PAGE_OF_KEYS.read_text(encoding="utf-8").partition("\n## A variant")[0]
    sets: dict[str, set[str]] = {"": set()}
    for letter, words in re.findall(r"^- \*(\w+)\*: (.*)\.$", text, re.M):
        held = (sets[name] for name in re.findall(r"\*(\w+)\*", words))
        sets[letter] = set(re.findall(r"`(\w+)`", words)).union(*held)
    rules = {}
    for key, cells in re.findall(r"^\| `([^`]+)` \| (.*) \|$", text, re.M):
        before, names, after = re.fullmatch(r"([^{]*)\{?([^}]*)\}?(.*)", key).groups()
        for name in names.split(", "):
            rules[f"{before}{name}{after}"] = sets[cells.split(" | ")[-2].strip()]
    return rules


def own_of_variant() -> dict:
    """Return the JSON Schema of a variant without the keys of the section `training`."""
    of_training = TypeAdapter(TrainingSettings).json_schema()["properties"]
    found = TypeAdapter(Variant).json_schema()["properties"]
    return {"properties": {key: found[key] for key in found if key not in of_training}}


def document(again: dict[str, set[str]]) -> str:
    """Return docs/config.md.

    Args:
        again: the rules that run again, by key.
    """
    root = TypeAdapter(Study).json_schema()
    single = {
        name: one for name, one in root["properties"].items() if next(keys(one, root))[0] == ()
    }
    sets = lettered(again)
    letter_of = {rules: letter for letter, rules in sets.items()}
    letters = {key: letter_of.get(frozenset(rules), "") for key, rules in again.items()}
    parts = [HEAD, lists_of(sets), "\n## The study\n\n"]
    parts.append(table({"properties": single}, root, letters))
    for name, one in root["properties"].items():
        if name not in single:
            about = resolved(one, root)["description"]
            parts.append(f"\n## {name}\n\n{about[0].upper()}{about[1:].rstrip('.')}.\n\n")
            parts.append(table(one, root, letters, (name,)))
    parts.append("\n## A variant\n\nBeside the keys of `training`, a variant may set these.\n\n")
    parts.append(table(own_of_variant(), root, None, ("variants", "<name>")))
    row = TypeAdapter(RecordingRow).json_schema()
    parts.append("\n## The table of recordings A, B, C\n\nTab-separated; one row each.\n\n")
    parts.append(table(row, row).replace("| Key |", "| Column |", 1))
    return "".join(parts)


def editor_schema() -> str:
    """Return the JSON Schema of a config file, which names only what it changes."""
    root = TypeAdapter(Study).json_schema()
    variant = TypeAdapter(Variant).json_schema()
    root["$defs"] |= {**variant.pop("$defs"), "Variant": variant}
    for name, schema in (("Study", root), *root["$defs"].items()):
        if name != "EvaluationSet":
            schema.pop("required", None)
        for one in schema["properties"].values():
            one.pop("title", None)
    root["properties"]["variants"]["patternProperties"] = {
        "": {"anyOf": [{"$ref": "#/$defs/Variant"}, {"type": "null"}]}
    }
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(root, ensure_ascii=False).replace('}, "', '},\n"') + "\n"


def generated(again: dict[str, set[str]]) -> dict[Path, str]:
    """Return what each generated file should hold."""
    schema = ROOT / "workflow" / "schemas" / "config.schema.json"
    return {PAGE_OF_KEYS: document(again), schema: editor_schema()}


if __name__ == "__main__":
    from runs_again import all_rules_after

    for path, text in generated(all_rules_after(places())).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
