"""SHA-256 of files that jobs wrote, recorded in their study's folder and checked by their readers.

The record of ``results/mine/report.html`` is ``results/mine/work/hashes/report.html.sha256``. A
file without a record isn't a study's and isn't checked.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError

_RECORD = re.compile(r"([0-9a-f]{64})  (.+)\n?")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_all(files: Mapping[str, Path]) -> str:
    """Return one SHA-256 over the names and contents of files."""
    lines = [f"{sha256_of(path)}  {name}\n" for name, path in files.items()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def write_record(record: Path, sha256: str, name: str) -> None:
    """Record the hash of the file `name`, as ``sha256sum --check`` reads it."""
    with replacing(record) as temporary:
        temporary.write_text(f"{sha256}  {name}\n", encoding="utf-8")


def read_record(record: Path) -> str | None:
    """Return the hash that a record holds: None where there is no record, "" if it is damaged."""
    if not record.is_file():
        return None
    match = _RECORD.fullmatch(record.read_text(encoding="utf-8", errors="replace"))
    return match[1] if match else ""


def _record_of(path: str | os.PathLike[str]) -> Path | None:
    """Return where a file's record lies; None of a file outside of ``results/``."""
    # Of results on object storage, the copies that jobs read lie in folders of Snakemake's.
    *above, name = Path(path).parts
    if "results" not in above:
        return None
    root = above.index("results") + 2
    return Path(*above[:root], "work/hashes", *above[root:], f"{name}.sha256")


def seal(paths: Iterable[str | os.PathLike[str]]) -> None:
    """Record the SHA-256 of files that a job wrote; not of folders, whose tables list hashes."""
    for path in map(Path, paths):
        if path.is_file() and (record := _record_of(path)):
            write_record(record, sha256_of(path), str(path))


def unseal(paths: Iterable[str | os.PathLike[str]]) -> None:
    """Remove the records of files that are about to be written anew."""
    for record in filter(None, map(_record_of, paths)):
        record.unlink(missing_ok=True)


def recorded_sha256(path: Path) -> str | None:
    """Return the SHA-256 that `seal` recorded of a file; None if it recorded none."""
    record = _record_of(path)
    return read_record(record) if record else None


def check(paths: Iterable[str | os.PathLike[str]]) -> None:
    """Hash every file that has a record; StudyError if one is no longer what was written."""
    for path in map(Path, paths):
        expected = recorded_sha256(path)
        if expected is not None and path.is_file() and (sha256 := sha256_of(path)) != expected:
            raise StudyError(
                f"{path}: its sha256 is {sha256[:12]}…, expected {expected[:12]}… as the job that "
                "made it recorded; the file was altered or damaged since: delete it and run again."
            )
