"""The archives that a study reads: size, hash and address of each, its place, what to unpack."""

import csv
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.job import Progress
from dvs_snn.settings.data import Archive, Data
from dvs_snn.settings.mistakes import did_you_mean

# As `sha256sum` writes it, and `sha256sum --check` reads it.
_RECORD = re.compile(r"([0-9a-f]{64})  (.+)\n?")


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


def read_sources(path: Path, overrides: Mapping[str, Archive]) -> dict[str, Source]:
    """Read `sources.tsv`; `data.sources` override it, and a mistake in them raises StudyError."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file, delimiter="\t")}
    for name, changes in overrides.items():
        if name not in rows:
            meant = did_you_mean(name, list(rows))
            raise StudyError(f"config key data.sources.{name} names no archive of {path}; {meant}")
        if "url" in changes:
            _check_address(f"data.sources.{name}.url", changes["url"])
    return {name: _source_of(row, overrides.get(name, {})) for name, row in rows.items()}


def _source_of(row: Mapping[str, str], changes: Archive) -> Source:
    n_bytes = changes.get("bytes", row["bytes"])
    sha256 = changes.get("sha256", row["sha256"])
    return Source(
        name=row["name"],
        url=changes.get("url", row["url"]),
        n_bytes=int(n_bytes) if n_bytes else None,
        sha256=sha256.lower() if sha256 else None,
        licence=row["licence"],
    )


def _check_address(key: str, url: str) -> None:
    address = re.match(r"https?://(?:([^/?#]*)@)?([^/?#]+)", url)
    if not address:
        raise StudyError(f"config key {key} is {url!r}, expected an http or https address.")
    if address[1] is not None:  # the address goes into logs and the report
        raise StudyError(
            f"config key {key} holds a user's name or password for {address[2]}; put them into "
            "~/.netrc, which is read too, and take them out of the address."
        )


@dataclass(frozen=True)
class Archives:
    """The archives of a study.

    Attributes:
        places: archive -> where it lies, or will once it is fetched.
        missing: the archives to fetch; others are no job's output, so no run deletes them.
        parts: folder of recordings that the study unpacks -> its archives.
    """

    places: Mapping[str, Path] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


TWINS = "twins"
"""The part that holds N-MNIST's recordings of the simulated symbols."""


def study_archives(data: Data, sources: Mapping[str, Source], with_twins: bool) -> Archives:
    """Return the archives of the config section `data`; a folder without any raises StudyError.

    Args:
        with_twins: whether a simulated study unpacks real twins from N-MNIST's archive.
    """
    files = {name: of.file for name, of in sources.items() if name.startswith(f"{data.source}/")}
    parts: dict[str, tuple[str, ...]] = {}
    if with_twins:
        files = {"nmnist/Train.zip": sources["nmnist/Train.zip"].file}
        parts = {TWINS: tuple(files)}
    elif data.source == "mnist-dvs":
        parts = {"all": tuple(files)}
    elif data.source == "nmnist":
        parts = {"train": ("nmnist/Train.zip",), "test": ("nmnist/Test.zip",)}
    # With data.folder the recordings are unpacked already; of the tutorial it holds archives.
    if not files or (parts and data.folder and not with_twins):
        return Archives()
    places = {name: Path(data.downloads, name) for name in files}
    if data.local:
        places |= _local_archives(files, Path(data.local), "data.local")
    elif data.folder and not with_twins:
        places |= _local_archives(files, Path(data.folder), "data.folder")
    missing = sorted(name for name, path in places.items() if not path.exists())
    return Archives(places, tuple(missing), parts)


def _local_archives(files: Mapping[str, str], local: Path, key: str) -> dict[str, Path]:
    """Find archives, by name, in the user's folder `local`, which may also be one archive."""
    places = {
        name: path
        for name, file in files.items()
        for path in (local / file, local / name, local)
        # For a name that is too long Path.is_file raises; os.path.isfile says no.
        if os.path.isfile(path) and path.name == file
    }
    if not places:
        raise StudyError(
            f"config key {key} is {str(local)!r}, where none of {', '.join(files.values())} is "
            "found; put some there, or leave the key empty to have them fetched."
        )
    return places


def known_sha256(source: Source, downloads: Path) -> str | None:
    """Return the hash in the list of sources, or else in the record below `downloads`, if any."""
    return source.sha256 or _recorded_sha256(_record_of(source, downloads))


def _record_of(source: Source, downloads: Path) -> Path:
    return downloads / f"{source.name}.sha256"


def _recorded_sha256(record: Path) -> str | None:
    """Return the hash that a record holds: None where there is no record, "" if it is damaged."""
    if not record.is_file():
        return None
    match = _RECORD.fullmatch(record.read_text(encoding="utf-8", errors="replace"))
    return match[1] if match else ""


def remedy(source: Source, downloads: Path) -> str:
    """Say how to make the study accept a file with another size or hash."""
    if source.sha256 is None and source.n_bytes is None:
        return f"if the change is meant, delete {_record_of(source, downloads)}"
    return f"if the change is meant, set bytes and sha256 in data.sources.{source.name}"


@dataclass(frozen=True)
class CheckArchiveJob:
    """What the rule `check_archive` gives.

    Attributes:
        downloads: folder of fetched archives; hashes not known beforehand are recorded there.
        receipt: what is written about the archive, as JSON.
    """

    source: Source
    archive: Path
    downloads: Path
    receipt: Path


def check_archive(job: CheckArchiveJob, progress: Progress) -> None:
    """Check an archive and write its receipt.

    Where no hash is known, this records that of the first file that it sees. StudyError tells an
    archive other than expected.
    """
    source = job.source
    n_bytes = job.archive.stat().st_size
    sha256 = sha256_of(job.archive)
    known = known_sha256(source, job.downloads)
    expected = sha256 if known is None else known
    if source.n_bytes not in (None, n_bytes) or sha256 != expected:
        raise StudyError(
            f"{job.archive}: has {n_bytes} bytes and sha256 {sha256}, expected "
            f"{source.n_bytes or n_bytes} and {expected!r}, so it is not what {source.url} should "
            "hold; put the right file there, or delete it to have it fetched, or, "
            f"{remedy(source, job.downloads)}."
        )
    if known is None:
        with replacing(_record_of(source, job.downloads)) as temporary:
            temporary.write_text(f"{sha256}  {source.file}\n", encoding="utf-8")
    receipt = {
        "name": source.name,
        "sha256": sha256,
        "bytes": n_bytes,
        "hash": "known beforehand" if source.sha256 else "recorded, not known beforehand",
        "url": source.url,
        "licence": source.licence,
    }
    with replacing(job.receipt) as temporary:
        temporary.write_text(json.dumps(receipt, indent=2) + "\n", encoding="utf-8")
    progress.say(f"{job.archive} is as expected")
