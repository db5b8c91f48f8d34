"""Describes the simulated recordings of a study, and their twins, as Croissant 1.0 metadata.

Croissant is JSON-LD too; as the crate's, it is written with the standard library alone, and
tests let `mlcroissant` read it.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import yaml

from dvs_snn.files.atomic import replacing
from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.tables import Columns
from dvs_snn.publication.licences import CC_BY_SA
from dvs_snn.realism.pairs import PAIR_COLUMNS
from dvs_snn.sources.split_table import SPLIT_COLUMNS

# As the specification prints it.
CONTEXT: dict[str, object] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
TYPES = {"whole": "sc:Integer", "number": "sc:Float", "text": "sc:Text"}
SUFFIXES = (".aedat", ".bin")

Json = dict[str, object]


def file_object(root: Path, path: Path, about: str) -> Json:
    """Return the FileObject of a table, named from the study's folder."""
    name = path.relative_to(root).as_posix()
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "description": about,
        "contentUrl": name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": "text/csv",
        "sha256": sha256_of(path),
    }


def file_set(root: Path, folder: Path) -> Json:
    """Return the FileSet of a simulated set: the recordings that `split.csv` lists."""
    name = folder.relative_to(root).as_posix()
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "description": f"Simulated recordings of the set {folder.name}, a folder for each digit. "
        "Files ending in .aedat are AEDAT 2.0, those ending in .bin have N-MNIST's format. "
        "The column sha256 of recordings/split.csv has the hash of each.",
        "encodingFormat": "application/octet-stream",
        "includes": [f"{name}/*/*{suffix}" for suffix in SUFFIXES],
    }


def record_set(name: str, about: str, table: str, columns: Columns, key: str = "") -> Json:
    """Return the RecordSet of a table: a field for each of its columns."""
    found: Json = {"@type": "cr:RecordSet", "@id": name, "name": name, "description": about}
    if key:
        found["key"] = {"@id": f"{name}/{key}"}
    found["field"] = [
        {
            "@type": "cr:Field",
            "@id": f"{name}/{column}",
            "name": column,
            "description": one.meaning + (f", in {one.unit}" if one.unit else ""),
            "dataType": TYPES[one.kind],
            "source": {"fileObject": {"@id": table}, "extract": {"column": column}},
        }
        for column, one in columns.items()
    ]
    return found


def size_field(table: str) -> Json:
    """Return the field of a digit's size in pixels, which the name of a recording holds."""
    return {
        "@type": "cr:Field",
        "@id": "recordings/size",
        "name": "size",
        "description": "size of the digit, as MNIST-DVS counts it: 4, 8 or 16; empty for the "
        "scene saccades, which has one size",
        "dataType": "sc:Text",
        "source": {
            "fileObject": {"@id": table},
            "extract": {"column": "recording"},
            "transform": {"regex": r"^.*_scale0?([0-9]+)_.*$|^.*()\.bin$"},
        },
    }


def described(
    root: Path, split: Path, pairs: Path, sets: Iterable[Path], citation: Mapping[str, object],
    published: datetime,
) -> Json:  # fmt: skip
    """Return the metadata of a simulated study's recordings.

    Args:
        root: the study's folder, where the metadata will lie.
        split: the table of all simulated recordings.
        pairs: the table of twins.
        sets: folders of recordings.
    """
    about = (
        "These event recordings are simulated: no camera took them. A model of a dynamic vision "
        "sensor, fitted to real recordings, watches drawn digits of MNIST that move. The table "
        "twins compares a part of them with the real recordings of N-MNIST that show the same "
        "digits. Training recordings aren't stored, but the frames made of them."
    )
    listed, twins = split.relative_to(root).as_posix(), pairs.relative_to(root).as_posix()
    recordings = record_set(
        "recordings", "One row for each simulated recording.", listed, SPLIT_COLUMNS
    )
    recordings["field"] = [*recordings["field"], size_field(listed)]  # type: ignore[misc]
    names = ", ".join(str(author["name"]) for author in citation["authors"])
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"simulated-dvs-digits-{root.name}",
        "description": about,
        "license": CC_BY_SA,
        "creator": [{"@type": "Organization", "name": one["name"]} for one in citation["authors"]],
        "citeAs": f"{names}: {citation['title']} Version {citation['version']}, "
        f"{citation['date-released']}.",
        "datePublished": published.isoformat(timespec="seconds"),
        "version": str(citation["version"]),
        "keywords": list(citation["keywords"]),
        "distribution": [
            file_object(root, split, "The simulated recordings of all sets, one a row."),
            file_object(
                root, pairs, "Event counts of simulated twins and of N-MNIST's real recordings of "
                "the same digits; the real ones derive from N-MNIST (Orchard et al. 2015).",
            ),
            *(file_set(root, folder) for folder in sets),
        ],
        "recordSet": [
            recordings,
            record_set(
                "twins", "One row for each digit that N-MNIST recorded too: `ours` is simulated.",
                twins, PAIR_COLUMNS, key="symbol",
            ),
        ],
    }  # fmt: skip


def write_croissant(
    split: Path, pairs: Path, sets: Iterable[Path], citation: Path, output: Path
) -> Json:
    """Write ``croissant.json`` of a simulated study into its folder; return what it holds."""
    read = yaml.safe_load(citation.read_text(encoding="utf-8"))
    published = datetime.fromtimestamp(split.stat().st_mtime, UTC)
    found = described(output.parent, split, pairs, sets, read, published)
    text = json.dumps(found, indent=1, ensure_ascii=False)
    with replacing(output) as temporary:
        temporary.write_text(f"{text}\n", encoding="utf-8")
    return found
