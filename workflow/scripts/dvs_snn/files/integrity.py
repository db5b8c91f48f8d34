"""Files that still are what their job wrote: each has its hash beside it, and readers check it.

The record of ``frames.npy`` is ``.frames.npy.sha256``, in the format of ``sha256sum``. A file
without a record isn't the study's own (a recording, a published table) and isn't checked.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashing import sha256_of


def _record_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.sha256")


def seal(paths: Iterable[str | os.PathLike[str]]) -> None:
    """Record the SHA-256 of files that a job wrote; not of folders, whose tables list hashes."""
    for path in map(Path, paths):
        if path.is_file():
            with replacing(_record_of(path)) as temporary:
                temporary.write_text(f"{sha256_of(path)}  {path.name}\n", encoding="utf-8")


def unseal(paths: Iterable[str | os.PathLike[str]]) -> None:
    """Remove the records of files that are about to be written anew."""
    for path in map(Path, paths):
        _record_of(path).unlink(missing_ok=True)


def recorded_sha256(path: Path) -> str | None:
    """Return the SHA-256 that was recorded of a file; None if none was."""
    try:
        text = _record_of(path).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    return text.partition(" ")[0]


def check(paths: Iterable[str | os.PathLike[str]]) -> None:
    """Hash every file that has a record.

    Raises:
        StudyError: a file is no longer what was written.
    """
    for path in map(Path, paths):
        expected = recorded_sha256(path)
        if expected is None or not path.is_file():
            continue
        found = sha256_of(path)
        if found != expected:
            raise StudyError(
                f"{path}: its sha256 is {found[:12]}…, expected {expected[:12]}… as the job that "
                "made it recorded; the file was altered or damaged since: delete it and run again."
            )
