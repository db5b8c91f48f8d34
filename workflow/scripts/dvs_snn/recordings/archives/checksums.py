"""Checks an archive against its hash, known beforehand or recorded at the first sight of it.

The record lies beside the data in ``<archive>.sha256``.
"""

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import read_record, sha256_of, write_record

KNOWN = "known beforehand"
RECORDED = "recorded, not known beforehand"


@dataclass(frozen=True)
class Source:
    """One archive; `name` is where it lies below `data.downloads`, such as ``nmnist/Train.zip``."""

    name: str
    url: str
    n_bytes: int | None
    sha256: str | None
    licence: str

    @property
    def file(self) -> str:
        """Its file name."""
        return PurePosixPath(self.name).name


def known_sha256(source: Source, downloads: Path) -> str | None:
    """Return the hash that the list of sources or the record below `downloads` has; else None."""
    if source.sha256 is not None:
        return source.sha256
    recorded = read_record(record := _record_of(source, downloads))
    if recorded == "":
        raise StudyError(
            f"{record}: holds no hash, expected one line of sha256sum; delete the file to have "
            "the hash of the archive that is there now recorded anew."
        )
    return recorded


def _record_of(source: Source, downloads: Path) -> Path:
    return downloads / f"{source.name}.sha256"


def remedy(source: Source, downloads: Path) -> str:
    """Say how to make the study accept a file with another size or hash."""
    if source.sha256 is None and source.n_bytes is None:
        return f"if the change is meant, delete {_record_of(source, downloads)}"
    return f"if the change is meant, set bytes and sha256 in data.sources.{source.name}"


def write_receipt(source: Source, path: Path, downloads: Path, receipt: Path) -> None:
    """Check an archive and write its receipt, as JSON for its readers and the report.

    Where no hash is known, this records that of the first file that it sees, below `downloads`.

    Raises:
        StudyError: it isn't the expected archive, or the record is damaged or can't be written.
    """
    n_bytes, sha256, record = path.stat().st_size, sha256_of(path), _record_of(source, downloads)
    expected = known_sha256(source, downloads) or sha256
    whence, wrong = "the list of sources says", ""
    if source.n_bytes not in (None, n_bytes):
        wrong = f"{n_bytes} bytes, expected {source.n_bytes} as {whence}"
    elif sha256 != expected:
        whence = f"{record} recorded when it first came" if source.sha256 is None else whence
        wrong = f"sha256 {sha256}, expected {expected} as {whence}"
    if wrong:
        raise StudyError(
            f"{path}: has {wrong}, so it is not what {source.url} should hold; put the right file "
            f"there, or delete it to have it fetched, or, {remedy(source, downloads)}."
        )
    if source.sha256 is None and not record.exists():
        try:
            write_record(record, sha256, source.file)
        except OSError as error:
            raise StudyError(
                f"{record}: the hash can't be recorded there ({error.strerror}); set "
                "data.downloads to a folder that you may write to, or, to record nothing, "
                f"data.sources.{source.name}.sha256 to {sha256}."
            ) from error
    about = {
        "name": source.name,
        "sha256": sha256,
        "bytes": n_bytes,
        "hash": KNOWN if source.sha256 is not None else RECORDED,
        "url": source.url,
        "licence": source.licence,
    }
    with replacing(receipt) as temporary:
        temporary.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def verified(path: Path, receipt: Path) -> Path:
    """Return `path`; if it has changed since its receipt was written, raise StudyError."""
    found, expected = sha256_of(path), json.loads(receipt.read_text(encoding="utf-8"))["sha256"]
    if found != expected:
        raise StudyError(
            f"{path}: its sha256 is {found}, expected {expected} as {receipt} says; the archive "
            "has changed since it was checked: put the first file back, or run again with "
            "--forcerun check_archive."
        )
    return path
