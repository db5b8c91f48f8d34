"""The manifest: hashes of a study's results, by which two runs can be compared byte for byte."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.tables import schema, write_table

NAME = "manifest.csv"
# What may differ between two runs of the same study on one machine, and why.
LEFT_OUT = {
    "tables/runtimes.csv": "timings",
    "provenance.json": "machine, commit and date",
    "work/benchmarks/": "timings",
}
# The template marks so the lines that it makes from timings and from the provenance.
_VARYING = re.compile(rb"<!-- varies -->.*?<!-- /varies -->", re.DOTALL)


@dataclass(frozen=True)
class ManifestJob:
    """What the rule `manifest` gives."""

    tables: list[Path]
    figures: list[Path]
    page: Path
    manifest: Path


def write_manifest(job: ManifestJob) -> None:
    """Write ``manifest.csv``: one row per file, sorted, named from the study's folder.

    The hash of the page leaves out the lines that may differ between two runs.
    """
    root = job.manifest.parent
    files = [*job.tables, *job.figures]
    rows = [(path.relative_to(root).as_posix(), _hash_of(path), "") for path in files]
    note = "without its lines made of the files left out"
    rows.append((job.page.name, _hash_of(job.page), note))
    rows += [(name, "", f"left out: {why}") for name, why in LEFT_OUT.items()]
    table = pd.DataFrame(sorted(rows), columns=list(schema("manifest")))
    write_table(table, job.manifest, "manifest")


def _hash_of(path: Path) -> str:
    """Return the sha256 of a file; of a page without the lines that may differ."""
    if path.suffix != ".html":
        return sha256_of(path)
    return hashlib.sha256(_VARYING.sub(b"", path.read_bytes())).hexdigest()


def read_manifest(path: Path) -> dict[str, str]:
    """Return a manifest's SHA-256 by file, without the files that may differ between runs.

    `path` is the manifest or its study's folder. StudyError if it can't be read.
    """
    path = path / NAME if path.is_dir() else path
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        hashes = dict(zip(table["file"], table["sha256"], strict=True))
    except (OSError, ValueError, KeyError) as error:
        raise StudyError(
            f"{path}: can't be read as a manifest ({error}); expected the {NAME} of a study that "
            "ran to its end, or its folder."
        ) from error
    return {name: sha256 for name, sha256 in hashes.items() if sha256}


def _files_of(path: Path) -> tuple[dict[str, str], list[str]]:
    """Hash the files that a manifest lists.

    Returns:
        their hashes by name, and a sentence on each that isn't as the manifest lists it.
    """
    root = path if path.is_dir() else path.parent
    hashes = {}
    sentences = []
    for name, listed in read_manifest(path).items():
        file = root / name
        if not file.is_file():
            sentences.append(f"{file} is missing.")
            continue
        hashes[name] = _hash_of(file)
        if hashes[name] != listed:
            sentences.append(f"{file} isn't the file that its manifest lists.")
    return hashes, sentences


def verdict(first: Path, second: Path) -> tuple[bool, str]:
    """Say whether the files of two manifests agree, and what to print.

    StudyError if a manifest can't be read.
    """
    ours, sentences = _files_of(first)
    theirs, of_theirs = _files_of(second)
    sentences += of_theirs
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in theirs:
            sentences.append(f"{name} is only in {first}.")
        elif name not in ours:
            sentences.append(f"{name} is only in {second}.")
        elif ours[name] != theirs[name]:
            sentences.append(f"{name} differs.")
    if not sentences:
        return True, f"Both hold the same {len(ours)} files with the same contents."
    sentences.append(f"{len(sentences)} differ; {first} holds {len(ours)} files.")
    return False, "\n".join(sentences)
