"""Write what is generated from the settings' models: docs/config.md, and a schema for editors.

Run after a change of a model or of workflow/settings: `python docs/config.py`. Tests hold both
files.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from pydantic import TypeAdapter  # noqa: E402

from dvs_snn.settings.guests import Guest  # noqa: E402
from dvs_snn.settings.recordings_table import RecordingRow  # noqa: E402
from dvs_snn.settings.study_settings import Study  # noqa: E402
from dvs_snn.settings.training_settings import TrainingSettings  # noqa: E402
from dvs_snn.settings.variants import keys_of, methods, section_of  # noqa: E402

PAGE_OF_KEYS = ROOT / "docs" / "config.md"
LAYERS = {
    path.stem if path.parent != ROOT else path.name: yaml.safe_load(path.read_text("utf-8"))
    for path in (*sorted((ROOT / "workflow" / "settings").glob("*.yaml")), ROOT / "config.yaml")
}
BOUNDS = {
    "minimum": "≥{}",
    "exclusiveMinimum": ">{}",
    "maximum": "≤{}",
    "exclusiveMaximum": "<{}",
    "minItems": "{} or more",
    "maxItems": "at most {}",
    "minLength": "{} or more characters",
    "maxLength": "at most {} characters",
    "minProperties": "{} or more",
}
HEAD = """# Settings

`python docs/config.py` writes this page from the models in `workflow/scripts/dvs_snn/settings/` and
`training/methods/`, which describe each key once. Settings come in layers, and later layers win,
key by key:

1. the default;
2. `workflow/settings/<data.source>.yaml`, which holds what is tuned for a source of data;
3. `config.yaml`;
4. the files of `--configfile`, in their order.

Beside a default stand the layers that change it. A study writes the settings in force to
`results/<study>/config.used.yaml`. `snakemake -n` lists what runs again after a change.
[faults.md](faults.md#mistakes-in-settings) shows mistakes and their remedies.

"""
COLUMNS = ["Key", "Value", "Default", "Meaning"]
OF_VARIANTS = """
## A variant

`method` names one of those below. A variant may set the keys that its method knows, and no others:
those of `training`, each in place of the value there, and more. All share `training.device`.

"""


def resolved(schema: dict, root: dict) -> dict:
    """Return a JSON Schema with its reference followed, null aside, the usual kind alone."""
    if "$ref" in schema:
        return {**root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], **schema}
    options = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    options = [option for option in options if option != {"type": "null"}]
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


def keys(schema: dict, root: dict, place: tuple = ()) -> Iterator[tuple[tuple, dict]]:
    """Yield every key that holds a value, with its place; a name that is free is `<name>`."""
    inner = resolved(schema, root)
    if "properties" in inner:
        for name, entry in inner["properties"].items():
            yield from keys(entry, root, (*place, name))
        return
    named = [*inner.get("patternProperties", {}).values(), inner.get("additionalProperties")]
    for free, entry in (("<name>", named[0]), ("[]", inner.get("items"))):
        if isinstance(entry, dict) and "properties" in resolved(entry, root):
            yield from keys(entry, root, (*place, free))
            return
    yield place, schema


def set_in(place: tuple, default: object) -> list[str]:
    """Return the names of the layers that have another value."""
    names = []
    for layer, value in LAYERS.items():
        for name in place:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None and value != default:
            names.append(layer)
    return names


def name_of(place: tuple) -> str:
    """Return a key as the page writes it."""
    return ".".join(place).replace(".[]", "[]")


def table(schema: dict, root: dict, place: tuple = (), in_study: bool = True) -> str:
    """Return the table of a section's keys; keys that differ in one name alone share a row.

    Args:
        place: where the section stands.
        in_study: whether it stands in a config file, so that layers may set its keys.
    """
    rows: dict[tuple, list[tuple]] = {}
    for where, inner in keys(schema, root, place):
        row = row_of(where, inner, root, in_study)
        rows.setdefault((len(where), where[-1], row), []).append(where)
    return table_of(COLUMNS, [[f"`{joined(of_row)}`", *row] for (*_, row), of_row in rows.items()])


def row_of(where: tuple, schema: dict, root: dict, in_study: bool) -> tuple[str, str, str]:
    """Return the values that a key takes, its defaults and its meaning."""
    unit = f", {schema['unit']}" if "unit" in schema else ""
    defaults = []
    if "default" in schema:
        defaults = [f"`{json.dumps(schema['default'], ensure_ascii=False)}`"]
    if in_study:
        defaults += set_in(where, schema.get("default"))
    meaning = schema.get("description", "").replace("<", "&lt;")
    return type_of(schema, root) + unit, ", ".join(defaults), meaning


def table_of(columns: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines).replace(" --- ", "---")


def all_but(names: list[str], every: list[str]) -> str:
    """Return names as the page lists them: as those that are missing, where these are fewer."""
    missing = [name for name in every if name not in names]
    if not missing:
        return "all"
    if len(missing) < len(names):
        return f"all but {', '.join(missing)}"
    return ", ".join(names) or "none"


def methods_table() -> str:
    """Return the table of the methods, with the keys that each knows."""
    shared = [name for name in keys_of(TrainingSettings) if name != "device"]
    rows = []
    for method in methods():
        known = keys_of(section_of(method))
        of_training = all_but([name for name in shared if name in known], shared)
        more = [f"`{name}`" for name in known if name not in ("method", "device", *shared)]
        rows.append([f"`{method}`", of_training, ", ".join(more)])
    return table_of(["Method", "Keys of `training`", "More keys"], rows)


def variants_table(study: dict) -> str:
    """Return the table of the keys of variants that `training` lacks, with the methods of each.

    `study` is the JSON Schema of a config file.
    """
    rows: dict[tuple, list[str]] = {}
    for method in methods():
        of_method = TypeAdapter(section_of(method)).json_schema()["properties"]
        for name, schema in of_method.items():
            if name not in keys_of(TrainingSettings):
                where = ("variants", "<name>", name)
                row = (f"`{name_of(where)}`", *row_of(where, schema, study, in_study=True))
                rows.setdefault(row, []).append(method)
    order = list(dict.fromkeys(key for key, *_ in rows))
    lines = [
        [key, all_but(knowing, methods()), *more]
        for (key, *more), knowing in sorted(rows.items(), key=lambda item: order.index(item[0][0]))
    ]
    return table_of(["Key", "Methods", *COLUMNS[1:]], lines)


def joined(places: list[tuple]) -> str:
    """Write several keys as one, such as `a.{b, c}.d`."""
    parts = [", ".join(dict.fromkeys(part)) for part in zip(*places, strict=True)]
    return name_of(tuple(f"{{{part}}}" if ", " in part else part for part in parts))


def document() -> str:
    """Return docs/config.md."""
    root = TypeAdapter(Study).json_schema()
    sections = root["properties"]
    single = {name: part for name, part in sections.items() if next(keys(part, root))[0] == ()}
    parts = [HEAD, "## The study\n\n", table({"properties": single}, root)]
    for name in [name for name in sections if name not in single]:
        meaning = resolved(sections[name], root)["description"]
        parts.append(f"\n## {name}\n\n{meaning[0].upper()}{meaning[1:].rstrip('.')}.\n\n")
        parts.append(table(sections[name], root, (name,)))

    parts += [OF_VARIANTS, methods_table(), "\n", variants_table(root)]

    guest = TypeAdapter(Guest).json_schema()
    parts.append("\n## A network from a NIR file\n\nA variant with `nir` may set these alone.\n\n")
    parts.append(table(guest, guest, ("variants", "<name>")))

    row = TypeAdapter(RecordingRow).json_schema()
    parts.append("\n## The table of recordings A, B, C\n\nTab-separated; one row each.\n\n")
    parts.append(table(row, row, in_study=False).replace("| Key |", "| Column |", 1))
    return "".join(parts)


def variant_schema() -> dict:
    """Return the JSON Schema of a variant: keys of all methods, those that it knows with `method`.

    A file may leave `method` out, since one below it may have said it.
    """
    options: dict[str, list[dict]] = {}
    parts: dict[str, dict] = {}
    conditions = []
    for method in methods():
        schema = TypeAdapter(section_of(method)).json_schema()
        schema["properties"].pop("device", None)
        parts |= schema.get("$defs", {})
        for name, inner in schema["properties"].items():
            inner.pop("title", None)
            options.setdefault(name, [])
            if inner not in options[name]:
                options[name].append(inner)
        conditions.append(
            {
                "if": {"properties": {"method": {"const": method}}, "required": ["method"]},
                "then": {"propertyNames": {"enum": list(schema["properties"])}},
            }
        )
    return {
        "$defs": parts,
        "additionalProperties": False,
        "allOf": conditions,
        "description": "A way to train the network, by a method.",
        "properties": {
            name: each[0] if len(each) == 1 else {"anyOf": each} for name, each in options.items()
        },
        "type": "object",
    }


def editor_schema() -> str:
    """Return the JSON Schema of a config file, which names only what it changes."""
    root = TypeAdapter(Study).json_schema()
    guest = TypeAdapter(Guest).json_schema()
    for name, schema in (("Variant", variant_schema()), ("Guest", guest)):
        root["$defs"] |= {**schema.pop("$defs", {}), name: schema}
    for name, schema in (("Study", root), *root["$defs"].items()):
        if name not in ("EvaluationSet", "Guest"):
            schema.pop("required", None)
        for inner in schema["properties"].values():
            inner.pop("title", None)
    root["properties"]["variants"]["patternProperties"] = {
        "": {"anyOf": [{"$ref": "#/$defs/Variant"}, {"$ref": "#/$defs/Guest"}, {"type": "null"}]}
    }
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(root, ensure_ascii=False).replace('}, "', '},\n"') + "\n"


def generated() -> dict[Path, str]:
    """Return what each generated file should hold."""
    schema = ROOT / "workflow" / "schemas" / "config.schema.json"
    return {PAGE_OF_KEYS: document(), schema: editor_schema()}


if __name__ == "__main__":
    for path, text in generated().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
