"""Archives that the study can fetch: their addresses, sizes, hashes and places on disk."""

import csv
import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from dvs_snn.files.errors import StudyError

COLUMNS = ("name", "url", "bytes", "sha256", "licence", "note")


@dataclass(frozen=True)
class Source:
    """One archive.

    Attributes:
        name: where it lies below `data.downloads`, such as ``nmnist/Train.zip``.
        url: its address.
        n_bytes: its size; None if unknown.
        sha256: its SHA-256 in lower-case hexadecimal; None if unknown.
        licence: its terms.
    """

    name: str
    url: str
    n_bytes: int | None
    sha256: str | None
    licence: str

    @property
    def file(self) -> str:
        """Its file name."""
        return PurePosixPath(self.name).name


def read_sources(path: Path, overrides: Mapping[str, Mapping[str, object]]) -> dict[str, Source]:
    """Read `sources.tsv`; the user's `data.sources` override it.

    Raises:
        StudyError: the table lacks a column, or an override names no archive of the table.
    """
    with open(path, encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t")
        if tuple(table.fieldnames or ()) != COLUMNS:
            raise StudyError(
                f"{path}: its columns are {', '.join(table.fieldnames or ())}, expected "
                f"{', '.join(COLUMNS)} (tab-separated)."
            )
        rows = {row["name"]: row for row in table}
    for name in overrides:
        if name not in rows:
            close = difflib.get_close_matches(name, list(rows), n=1)
            meant = (
                f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(rows)}."
            )
            raise StudyError(f"config key data.sources.{name} names no archive of {path}; {meant}")
        if "url" in overrides[name]:
            _check_address(f"data.sources.{name}.url", str(overrides[name]["url"]))
    return {name: _source(row | dict(overrides.get(name, {}))) for name, row in rows.items()}


def _check_address(key: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise StudyError(f"config key {key} is {url!r}, expected an http or https address.")
    if parts.username is not None:
        # The address goes into logs and the report.
        raise StudyError(
            f"config key {key} holds a user's name or password for {parts.hostname}; put them into "
            "~/.netrc, which is read too, and take them out of the address."
        )


def _source(row: Mapping[str, object]) -> Source:
    n_bytes, sha256 = row["bytes"], row["sha256"]
    return Source(
        name=str(row["name"]),
        url=str(row["url"]),
        n_bytes=int(str(n_bytes)) if n_bytes else None,
        sha256=str(sha256).lower() if sha256 else None,
        licence=str(row["licence"]),
    )


def archives_of(kind: str, sources: Mapping[str, Source]) -> list[str]:
    """Return the names of the archives that a `data.source` such as ``nmnist`` needs."""
    return [name for name in sources if name.startswith(f"{kind}/")]


def locate(names: list[str], downloads: Path, local: Path | None, key: str) -> dict[str, Path]:
    """Return the place of each archive, fetched or not.

    Args:
        local: the user's own folder with archives, under their file names or as below `downloads`;
            or one such file. Archives that it lacks lie below `downloads`.
        key: the config key that names it.

    Raises:
        StudyError: `local` holds none of them.
    """
    places = {name: downloads / name for name in names}
    if local is None:
        return places
    own = {
        name: path
        for name in names
        for path in (local / PurePosixPath(name).name, local / name, local)
        # Unlike Path.is_file, it takes a name that is too long for one of no file.
        if os.path.isfile(path) and path.name == PurePosixPath(name).name
    }
    if not own:
        files = ", ".join(PurePosixPath(name).name for name in names)
        raise StudyError(
            f"config key {key} is {str(local)!r}, where none of {files} is found; expected a "
            "folder with one or more of them, or one such file: put them there, or leave the key "
            "empty to have them fetched."
        )
    return places | own
