"""Turns the folder of a finished study into an RO-Crate, by the profile Workflow Run Crate 0.5.

The metadata are JSON-LD, a flat list of entities that name each other by `@id`. They are written
with the standard library alone, so that a study needs no package more; tests let the format's own
validator read them.
"""

import json
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from dvs_snn.files.atomic import replacing
from dvs_snn.files.hashes import recorded_sha256, sha256_of
from dvs_snn.publication.code import copy_files
from dvs_snn.publication.licences import CC_BY_SA, LICENCES, MIT, SHARED_ALIKE

METADATA = "ro-crate-metadata.json"
CODE = "code"
WORKFLOW = f"{CODE}/Snakefile"

Entity = dict[str, object]

# RO-Crate 1.1 knows no word for a SHA-256; later versions take schema.org's, as here.
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "http://schema.org/sha256"}]
WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    WORKFLOW_CRATE: ("Workflow RO-Crate", "1.0"),
}
SNAKEMAKE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
BIOSCHEMAS = "https://bioschemas.org/profiles"

FOLDERS = {
    "cards": "A model card of each network",
    CODE: "The workflow that made the study, as it was when the crate was made",
    "exports": "Quoted networks of whole numbers for other programs, with expected spikes",
    "figures": "Figures; a chart's SVG holds its Vega specification",
    "frames": "Index and facts of the accumulated frames that trained",
    "networks": "Converted networks of integrate-and-fire neurons",
    "recordings": "Recordings, and tables that list each with its SHA-256",
    "tables": "Result tables; code/docs/tables.md tells every column",
    "training": "Trained weights of the CNNs",
    "twins": "Event counts of simulated twins and of the real recordings of the same symbols",
}
# What the run took and made, as parameters of the workflow: name, file or folder.
INPUTS = {"settings": "config.used.yaml"}
OUTPUTS = {
    "page": "report.html", "manifest": "manifest.csv", "tables": "tables/", "figures": "figures/",
    "training": "training/", "networks": "networks/",
}  # fmt: skip
# Types that Python's table lacks, or that systems tell differently.
TYPES = {
    ".aedat": "application/octet-stream", ".cff": "application/yaml", ".csv": "text/csv",
    ".md": "text/markdown", ".svg": "image/svg+xml", ".tsv": "text/tab-separated-values",
    ".yaml": "application/yaml", ".yml": "application/yaml",
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What is known of a study and its run, apart from its files.

    Attributes:
        record: ``provenance.json``.
        citation: ``CITATION.cff``.
        started, ended: the oldest log, and the manifest.
    """

    study: str
    record: Mapping[str, object]
    citation: Mapping[str, object]
    started: datetime
    ended: datetime


def of_ids(names: Iterable[str]) -> dict[str, str] | list[dict[str, str]]:
    """Return references to entities; one stands alone, as RO-Crate prefers."""
    found = [{"@id": name} for name in names]
    return found[0] if len(found) == 1 else found


def type_of(name: str) -> str:
    """Return the media type of a file by its suffix."""
    suffix = Path(name).suffix.lower()
    return TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def file_entity(root: Path, path: Path) -> Entity:
    """Return the entity of a file below the crate's root, with size and SHA-256."""
    name = path.relative_to(root).as_posix()
    licence = CC_BY_SA if name.removeprefix(f"{CODE}/") in SHARED_ALIKE else None
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "encodingFormat": type_of(name),
        "contentSize": str(path.stat().st_size),
        "sha256": recorded_sha256(path) or sha256_of(path),
        **({"license": {"@id": licence}} if licence else {}),
    }


def folder_entities(files: Iterable[Entity], folders: Iterable[str]) -> list[Entity]:
    """Return the folders at the root that hold the files, each with its parts.

    Args:
        folders: names, with a slash at the end, of folders whose files aren't entities.
    """
    parts: dict[str, list[str]] = {}
    for name in [str(entity["@id"]) for entity in files] + list(folders):
        top, _, rest = name.partition("/")
        if rest:
            parts.setdefault(top, []).append(name)
    found: list[Entity] = [
        {"@id": f"{top}/", "@type": "Dataset", "name": top, "description": FOLDERS.get(top, top),
         "hasPart": of_ids(sorted(names))}
        for top, names in sorted(parts.items())
    ]  # fmt: skip
    about = "recordings of one set; the table beside it lists each with its SHA-256"
    found += [{"@id": name, "@type": "Dataset", "name": name, "description": about}
              for name in sorted(folders)]  # fmt: skip
    return found


def _parameter(name: str, kind: str, example: str) -> Entity:
    return {
        "@id": f"#{name}",
        "@type": "FormalParameter",
        "name": name,
        "additionalType": kind,
        "workExample": {"@id": example},
        "conformsTo": {"@id": f"{BIOSCHEMAS}/FormalParameter/1.0-RELEASE"},
    }


def _data_used(run: Run) -> list[Entity]:
    """Return what `provenance.json` tells of the data that the study read or made."""
    return [
        {
            "@id": f"#data-{number}",
            "@type": "PropertyValue",
            "name": one["name"],
            "value": one.get("sha256", ""),
            "description": f"{one.get('n_files', 0)} files; the value is a SHA-256 over theirs",
            "exampleOfWork": {"@id": "#data"},
        }
        for number, one in enumerate(run.record["data"], 1)
    ]


def _software(run: Run) -> list[Entity]:
    addresses = {"python": "https://www.python.org/"}
    return [
        {
            "@id": (address := addresses.get(name, f"https://pypi.org/project/{name}/")),
            "@type": "SoftwareApplication",
            "name": name,
            "softwareVersion": version,
            "url": address,
        }
        for name, version in run.record["versions"].items()
        if version != "not installed"
    ]


def entities_of(run: Run, files: list[Entity], folders: list[str]) -> list[Entity]:
    """Return the whole graph of a crate.

    Args:
        files: entities of all files, the workflow's own among them.
        folders: names of folders whose files aren't entities.
    """
    citation, record = run.citation, run.record
    by_name = {str(one["@id"]): one for one in [*files, *folder_entities(files, folders)]}
    data, software = _data_used(run), _software(run)
    inputs = {name: file for name, file in INPUTS.items() if file in by_name}
    outputs = {name: file for name, file in OUTPUTS.items() if file in by_name}
    parameters = []
    for name, file in {**inputs, **outputs}.items():
        parameters.append(_parameter(name, "Dataset" if file.endswith("/") else "File", file))
        by_name[file]["exampleOfWork"] = {"@id": f"#{name}"}
    if data:
        parameters.append(_parameter("data", "PropertyValue", str(data[0]["@id"])))
        parameters[-1]["workExample"] = of_ids(str(one["@id"]) for one in data)
    authors = [
        {"@id": f"#author-{number}", "@type": "Organization", "name": one["name"]}
        for number, one in enumerate(citation["authors"], 1)
    ]
    by_name[WORKFLOW] |= {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "name": citation["title"],
        "version": citation["version"],
        "programmingLanguage": {"@id": SNAKEMAKE},
        "license": {"@id": MIT},
        "creator": of_ids(str(one["@id"]) for one in authors),
        "conformsTo": {"@id": f"{BIOSCHEMAS}/ComputationalWorkflow/1.0-RELEASE"},
        "input": of_ids([f"#{name}" for name in inputs] + (["#data"] if data else [])),
        "output": of_ids(f"#{name}" for name in outputs),
        "softwareRequirements": of_ids(str(one["@id"]) for one in software),
    }
    results = [
        name for name in by_name
        if "/" not in name.rstrip("/") and name not in {*inputs.values(), f"{CODE}/"}
    ]  # fmt: skip
    machine = ", ".join(f"{key} {value}" for key, value in record["machine"].items())
    action: Entity = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Run of the study {run.study}",
        "description": f"Command: {record['rerun_command']}. Commit: {record['commit']}. Machine: "
        f"{machine}. Training on {record['device']}. Began with the oldest log, ended with the "
        "manifest; a run that was resumed took less time than lies between.",
        "instrument": {"@id": WORKFLOW},
        "object": of_ids([*inputs.values(), *(str(one["@id"]) for one in data)]),
        "result": of_ids(sorted(results)),
        "startTime": run.started.isoformat(timespec="seconds"),
        "endTime": run.ended.isoformat(timespec="seconds"),
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    tops = sorted(name for name in by_name if "/" not in name.rstrip("/"))
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{citation['title']} Results of the study {run.study}",
        "description": citation["abstract"],
        "keywords": ", ".join(citation["keywords"]),
        "version": citation["version"],
        "datePublished": run.ended.isoformat(timespec="seconds"),
        "license": {"@id": MIT},
        "author": of_ids(str(one["@id"]) for one in authors),
        "conformsTo": of_ids(PROFILES),
        "mainEntity": {"@id": WORKFLOW},
        "mentions": {"@id": "#run"},
        "hasPart": of_ids([*tops, WORKFLOW]),
    }
    descriptor: Entity = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": of_ids(["https://w3id.org/ro/crate/1.1", WORKFLOW_CRATE]),
    }
    language: Entity = {
        "@id": SNAKEMAKE,
        "@type": "ComputerLanguage",
        "name": "Snakemake",
        "identifier": {"@id": "https://doi.org/10.1093/bioinformatics/bts480"},
        "url": {"@id": "https://snakemake.readthedocs.io"},
        "version": record["versions"]["snakemake"],
    }
    profiles: list[Entity] = [
        {"@id": address, "@type": "CreativeWork", "name": name, "version": version}
        for address, (name, version) in PROFILES.items()
    ]
    licences: list[Entity] = [
        {"@id": address, "@type": "CreativeWork", "name": name}
        for address, name in LICENCES.items()
    ]
    known = [descriptor, root, *by_name.values(), action, *parameters, *data, *software]
    return [*known, language, *authors, *profiles, *licences]


def listed_code(names: Iterable[str]) -> list[str]:
    """Return the files of the workflow that become entities: those on top, and data."""
    return [name for name in names if "/" not in name or name.startswith("workflow/data/")]


def write_crate(
    files: Iterable[Path], folders: Iterable[Path], code: Mapping[str, Path], output: Path
) -> int:
    """Write ``ro-crate-metadata.json`` and ``code/`` into a study's folder.

    Args:
        files: result files of the study, or folders of them.
        folders: folders of recordings; tables list their files, the crate doesn't.
        code: the workflow's files by their name in the clone, `Snakefile` and `CITATION.cff` too.

    Returns:
        The number of files that the crate names with their hashes.
    """
    root = output.parent
    copy_files(code, root / CODE)
    paths = {inside for path in files for inside in ([path] if path.is_file() else _files(path))}
    paths |= {root / CODE / name for name in listed_code(code)}
    entities = [file_entity(root, path) for path in sorted(paths)]
    logs = [path.stat().st_mtime for path in _files(root / "logs")]
    ended = (root / "manifest.csv").stat().st_mtime
    run = Run(
        study=root.name,
        record=json.loads((root / "provenance.json").read_text(encoding="utf-8")),
        citation=yaml.safe_load(code["CITATION.cff"].read_text(encoding="utf-8")),
        started=datetime.fromtimestamp(min([*logs, ended]), UTC),
        ended=datetime.fromtimestamp(ended, UTC),
    )
    names = [f"{folder.relative_to(root).as_posix()}/" for folder in folders]
    graph = entities_of(run, entities, names)
    text = json.dumps({"@context": CONTEXT, "@graph": graph}, indent=1, ensure_ascii=False)
    with replacing(output) as temporary:
        temporary.write_text(f"{text}\n", encoding="utf-8")
    return len(entities)


def _files(folder: Path) -> list[Path]:
    """Return all files below a folder but hidden ones, such as records of hashes."""
    return [path for path in folder.rglob("[!.]*") if path.is_file()]
