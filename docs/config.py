"""Write what is generated from the settings' models: docs/config.md, and a schema for editors.

Run after a change of a model, of workflow/settings or of what rules pass on: `python
docs/config.py`. It plans studies for each key, which takes some minutes. Tests hold both files.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from pydantic import TypeAdapter  # noqa: E402

from dvs_snn.settings.recordings import Row  # noqa: E402
from dvs_snn.settings.study import Study  # noqa: E402
from dvs_snn.settings.training import TrainingSettings, Variant  # noqa: E402

PAGE_OF_KEYS = ROOT / "docs" / "config.md"
LAYERS = [*sorted((ROOT / "workflow" / "settings").glob("*.yaml")), ROOT / "config.yaml"]
BOUNDS = {
    "minimum": "≥ {}", "exclusiveMinimum": "> {}", "maximum": "≤ {}", "exclusiveMaximum": "< {}",
    "minItems": "at least {} entries", "maxItems": "at most {} entries",
    "minLength": "at least {} characters", "maxLength": "at most {} characters",
    "minProperties": "at least {} entries",
}  # fmt: skip
# Rules that follow each other, told in one word, and those of them that only some studies have.
PAGE = "provenance report manifest"
WORDS = {
    "the networks": "train convert evaluate_ann evaluate_ann_set evaluate_frames evaluate"
    " evaluate_set infer verify compare_features",
    "the choice": "choose sensitivity join_sensitivity idle join_idle"
    " ablation join_ablation export",
    "tables and page": "gather compare_methods costs pair_twins runtimes plot_figure plot_raster"
    f" plot_player {PAGE}",
    "the page": PAGE,
}
OF_SOME = set(
    "evaluate_frames compare_features evaluate_ann_set evaluate_set sensitivity join_sensitivity"
    " idle join_idle pair_twins ablation join_ablation export".split()
)
HEAD = """# Settings

`python docs/config.py` writes this page from the models in `workflow/scripts/dvs_snn/settings/`,
which describe each key once. Later layers win, key by key: the default,
`workflow/settings/<data.source>.yaml` (what is tuned for a source of data), `config.yaml`, then the
files of `--configfile` in their order. "Elsewhere" says which layer has another value than the
default. A study writes the settings in force to `results/<study>/config.used.yaml`. Mistakes and
their remedies: [faults.md](faults.md#mistakes-in-settings).

"Runs again" names the rules that run when the key changes in a study that has run, as far as the
study has them. Some words stand for several rules:

"""
COLUMNS = ["Key", "Type, range", "Unit", "Default", "Elsewhere", "Runs again", "Meaning"]


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


def elsewhere(place: tuple, default: object) -> str:
    """Say which layers have another value."""
    found = []
    for path in LAYERS:
        value: object = yaml.safe_load(path.read_text(encoding="utf-8"))
        for name in place:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None and value != default:
            found.append(f"{path.stem if path.parent != ROOT else path.name}: {shown(value)}")
    return "; ".join(found)


def name_of(place: tuple) -> str:
    """Return a key as the page writes it."""
    return ".".join(place).replace(".[]", "[]")


def told_all(rules: Iterable[str]) -> str:
    """Name each rule."""
    return ", ".join(f"`{rule}`" for rule in rules)


def told(rules: set[str]) -> str:
    """Name rules, many in one word."""
    words, left = [], set(rules)
    for word, meant in WORDS.items():
        if set(meant.split()) - OF_SOME <= left:
            words.append(f"*{word}*")
            left -= set(meant.split())
    return "; ".join(filter(None, [told_all(sorted(left)), *words]))


def rules_of(cell: str) -> set[str]:
    """Return the rules that a cell of the page names, those in its words too."""
    words = [WORDS[word].split() for word in re.findall(r"\*([^*]+)\*", cell)]
    return set(re.findall(r"`(\w+)`", cell)).union(*words)


def places() -> dict[str, tuple[tuple, list]]:
    """Return of each key of a study its place, and the values that it may have if they are few."""
    root = TypeAdapter(Study).json_schema()
    return {name_of(place): (place, kinds_of(one, root)) for place, one in keys(root, root)}


def runs_again() -> dict[str, str]:
    """Return what the page says of each key: the rules that run when it changes."""
    from runs_again import all_rules_after

    return {key: told(rules) for key, rules in all_rules_after(places()).items()}


def table(schema: dict, root: dict, again: dict[str, str], place: tuple = ()) -> str:
    """Return the table of a section's keys."""
    columns = COLUMNS if again else [name for name in COLUMNS if name != "Runs again"]
    lines = [f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|\n"]
    for where, one in keys(schema, root, place):
        default = one.get("default")
        cells = [
            f"`{name_of(where)}`",
            type_of(one, root),
            one.get("unit", ""),
            shown(default) if "default" in one else "",
            elsewhere(where, default) if again else "",
            *([again.get(name_of(where), "")] if again else []),
            one.get("description", "").replace("<", "&lt;"),
        ]
        lines.append(f"| {' | '.join(cells)} |\n")
    return "".join(lines)


def runs_again_as_written() -> dict[str, str]:
    """Return what docs/config.md says of each key now."""
    text = PAGE_OF_KEYS.read_text(encoding="utf-8").partition("\n## A variant")[0]
    rows = re.findall(r"^\| `([^`]+)` \| (.*) \|$", text, re.M)
    return {key: cells.split(" | ")[-2] for key, cells in rows}


def own_of_variant() -> dict:
    """Return the JSON Schema of a variant without the keys of the section `training`."""
    of_training = TypeAdapter(TrainingSettings).json_schema()["properties"]
    found = TypeAdapter(Variant).json_schema()["properties"]
    return {"properties": {key: found[key] for key in found if key not in of_training}}


def document(again: dict[str, str]) -> str:
    """Return docs/config.md.

    Args:
        again: what runs again, by key.
    """
    root = TypeAdapter(Study).json_schema()
    single = {
        name: one for name, one in root["properties"].items() if next(keys(one, root))[0] == ()
    }
    words = [f"- *{word}*: {told_all(meant.split())}.\n" for word, meant in WORDS.items()]
    parts = [HEAD, *words, "\n## The study\n\n", table({"properties": single}, root, again)]
    for name, one in root["properties"].items():
        if name not in single:
            about = resolved(one, root)["description"]
            parts.append(f"\n## {name}\n\n{about[0].upper()}{about[1:].rstrip('.')}.\n\n")
            parts.append(table(one, root, again, (name,)))
    parts.append("\n## A variant\n\nBeside the keys of `training`, a variant may set these.\n\n")
    parts.append(table(own_of_variant(), root, {}, ("variants", "<name>")))
    row = TypeAdapter(Row).json_schema()
    parts.append("\n## The table of recordings A, B, C\n\nTab-separated; one row each.\n\n")
    parts.append(table(row, row, {}).replace("| Key |", "| Column |", 1))
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


def generated(again: dict[str, str]) -> dict[Path, str]:
    """Return what each generated file should hold."""
    schema = ROOT / "workflow" / "schemas" / "config.schema.json"
    return {PAGE_OF_KEYS: document(again), schema: editor_schema()}


if __name__ == "__main__":
    for path, text in generated(runs_again()).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
