"""A finished study's folder as an RO-Crate, by the profile Workflow Run Crate 0.5.

The library `rocrate` makes the metadata. It asks no network: nothing here is fetched.
"""

import json
import mimetypes
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from rocrate.model import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from dvs_snn.analysis import marks
from dvs_snn.files.atomic import replacing, scratch_folder
from dvs_snn.files.hashes import recorded_sha256, sha256_of
from dvs_snn.publication.provenance_record import CLONE, workflow_files

FOLDERS = {
    "code": "The workflow that made the study, as it was when the crate was made",
    "exports": "Quoted networks of whole numbers for other programs, with expected spikes",
    "figures": "Figures; a chart's SVG holds its Vega specification",
    "tables": "Result tables; code/docs/tables.md tells every column",
    "work": "Lists of recordings with their SHA-256, trained weights, converted networks",
}
SNAKEFILE = "code/Snakefile"
# docs/cite.md says why each file has which.
MIT = "https://spdx.org/licenses/MIT"
CC_BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/"
LICENCES = {MIT: "MIT License", CC_BY_SA: "Creative Commons Attribution-ShareAlike 4.0"}
# What derives from N-MNIST: files of the clone's folder `workflow/data`.
SHARED_ALIKE = ("nmnist-statistics.tsv",)
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
# Python's own table: those of systems differ.
_TYPES = mimetypes.MimeTypes()
_TYPES.add_type("application/yaml", ".yaml")


@dataclass(frozen=True)
class CrateJob:
    """What the rule `crate` gives.

    Attributes:
        files: result files of the study, or folders of them.
        metadata: ``ro-crate-metadata.json`` in the study's folder.
        sources: folder ``code`` beside it, for the workflow's files.
    """

    files: list[Path]
    metadata: Path
    sources: Path


def _copy_files(sources: Mapping[str, Path], folder: Path) -> None:
    """Copy files into a folder, by their names there; it appears whole or not at all."""
    with scratch_folder(folder) as scratch:
        whole = scratch / folder.name
        for name, source in sources.items():
            (whole / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, whole / name)
        shutil.rmtree(folder, ignore_errors=True)
        whole.rename(folder)


def _files(path: Path) -> list[Path]:
    """Return a file, or all files below a folder but hidden ones, such as records of hashes."""
    inside = path.rglob("[!.]*") if path.is_dir() else [path]
    return [file for file in inside if file.is_file()]


def _file_facts(path: Path, name: str) -> dict[str, Any]:
    """Return what a crate says of a file: name, media type, bytes, SHA-256 and licence."""
    facts: dict[str, Any] = {
        "name": name,
        "encodingFormat": _TYPES.guess_type(name)[0] or "application/octet-stream",
        "contentSize": str(path.stat().st_size),
        "sha256": recorded_sha256(path) or sha256_of(path),
    }
    if path.name in SHARED_ALIKE:
        facts["license"] = {"@id": CC_BY_SA}
    return facts


def _add(crate: ROCrate, address: str, kind: str, **facts: object) -> Entity:
    return crate.add(ContextEntity(crate, address, {"@type": kind, **facts}))


def _add_files(crate: ROCrate, root: Path, paths: Iterable[Path]) -> dict[str, Entity]:
    """Add files to a crate; return the files and folders that lie on top, by name."""
    tops: dict[str, Entity] = {}
    for name in sorted(path.relative_to(root).as_posix() for path in paths):
        entity = crate.add_file(None, name, properties=_file_facts(root / name, name))
        top, is_inside, _ = name.partition("/")
        if not is_inside:
            tops[top] = entity
            continue
        if top not in tops:
            facts = {"name": top, "description": FOLDERS.get(top, top)}
            tops[top] = crate.add_dataset(None, top, properties=facts)
        tops[top].append_to("hasPart", entity, compact=True)
    return tops


def _as_date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat("T", "seconds")


def _description(record: Mapping[str, Any]) -> str:
    """Say how the study ran, by its record of provenance."""
    machine = ", ".join(f"{key} {value}" for key, value in record["machine"].items())
    return (
        f"Command: {record['rerun_command']}. Commit: {record['commit']}. Machine: {machine}. "
        f"Training on {record['device']}. provenance.json tells versions and data. Began with the "
        "oldest log, ended with the manifest; a resumed run took less time."
    )


def write_crate(job: CrateJob) -> None:
    """Write ``ro-crate-metadata.json`` and ``code/`` into a study's folder (rule crate)."""
    root = job.metadata.parent
    code = workflow_files(CLONE)
    _copy_files(code, job.sources)
    files = {file for path in [*job.files, root / marks.FILE] for file in _files(path)}
    files |= {job.sources / name for name in code if Path(name).name in SHARED_ALIKE}
    record = json.loads((root / "provenance.json").read_text(encoding="utf-8"))
    citation = yaml.safe_load(code["CITATION.cff"].read_text(encoding="utf-8"))

    crate = ROCrate(version="1.1")
    # RO-Crate 1.1 knows no word for a SHA-256; later versions take schema.org's.
    crate.metadata.extra_terms["sha256"] = "http://schema.org/sha256"
    authors = [
        _add(crate, f"#author-{number}", "Organization", name=author["name"])
        for number, author in enumerate(citation["authors"], 1)
    ]
    licences = {
        address: _add(crate, address, "CreativeWork", name=name)
        for address, name in LICENCES.items()
    }
    tops = _add_files(crate, root, files)
    facts = _file_facts(root / SNAKEFILE, SNAKEFILE) | {
        "name": citation["title"],
        "version": citation["version"],
        "license": licences[MIT],
        "creator": authors,
    }
    workflow = crate.add_workflow(
        None,
        SNAKEFILE,
        main=True,
        properties=facts,
        lang="snakemake",
        lang_version=record["versions"]["snakemake"],
    )

    end = (root / "manifest.csv").stat().st_mtime
    begin = min([end, *(log.stat().st_mtime for log in _files(root / "work/logs"))])
    run = _add(
        crate,
        "#run",
        "CreateAction",
        name=f"Run of the study {root.name}",
        description=_description(record),
        instrument=workflow,
        startTime=_as_date(begin),
        endTime=_as_date(end),
        object=tops["config.used.yaml"],
        result=[tops[name] for name in sorted(tops.keys() - {"code", "config.used.yaml"})],
    )

    crate.name = f"{citation['title']} Results of the study {root.name}"
    crate.description = citation["abstract"]
    crate.keywords = ", ".join(citation["keywords"])
    crate.license = licences[MIT]
    crate.datePublished = _as_date(end)
    crate.root_dataset["version"] = citation["version"]
    crate.root_dataset["author"] = authors
    crate.root_dataset["mentions"] = run
    crate.root_dataset["conformsTo"] = [
        _add(crate, address, "CreativeWork", name=name, version=address.rpartition("/")[2])
        for address, name in PROFILES.items()
    ]
    text = json.dumps(crate.metadata.generate(), indent=1, ensure_ascii=False)
    with replacing(job.metadata) as temporary:
        temporary.write_text(f"{text}\n", encoding="utf-8")
