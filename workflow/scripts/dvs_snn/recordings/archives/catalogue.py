"""The archives that a study reads: size, hash and address of each, its place, what to unpack."""

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.archives.checksums import Source
from dvs_snn.settings.mistakes import did_you_mean


def read_sources(path: Path, overrides: Mapping[str, Mapping[str, object]]) -> dict[str, Source]:
    """Read `sources.tsv`; `data.sources` override it, and a mistake in them raises StudyError."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    names = [row["name"] for row in rows]
    for name in overrides:
        if name not in names:
            meant = did_you_mean(name, names)
            raise StudyError(f"config key data.sources.{name} names no archive of {path}; {meant}")
        if "url" in overrides[name]:
            _check_address(f"data.sources.{name}.url", str(overrides[name]["url"]))
    sources = {}
    for row in rows:
        row |= overrides.get(row["name"], {})
        n_bytes = int(row["bytes"]) if row["bytes"] else None
        sha256 = row["sha256"].lower() if row["sha256"] else None
        sources[row["name"]] = Source(row["name"], row["url"], n_bytes, sha256, row["licence"])
    return sources


def _check_address(key: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise StudyError(f"config key {key} is {url!r}, expected an http or https address.")
    if parts.username is not None:  # the address goes into logs and the report
        raise StudyError(
            f"config key {key} holds a user's name or password for {parts.hostname}; put them into "
            "~/.netrc, which is read too, and take them out of the address."
        )


@dataclass(frozen=True)
class Archives:
    """The archives of a study.

    Attributes:
        places: archive -> where it lies, or will once it is fetched.
        missing: the archives to fetch; others are never a job's output, so no run deletes them.
        parts: name of a folder of recordings that the study unpacks -> its archives.
    """

    places: Mapping[str, Path]
    missing: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]


def study_archives(data: Mapping[str, Any], sources: Mapping[str, Source]) -> Archives:
    """Return the archives of the config section `data`; a folder without any raises StudyError."""
    kind, folder, local = data["source"], data["folder"], data["local"]
    names = [name for name in sources if name.startswith(f"{kind}/")]
    parts = {
        "mnist-dvs": {"all": tuple(names)},
        "nmnist": {"train": ("nmnist/Train.zip",), "test": ("nmnist/Test.zip",)},
    }.get(kind, {})
    # With data.folder the recordings are unpacked already; of the tutorial it holds archives.
    if not names or (parts and folder):
        return Archives({}, (), {})
    key, own = ("data.local", local) if local else ("data.folder", folder)
    places = {name: Path(data["downloads"], name) for name in names}
    if own:
        places |= _own_archives(names, Path(own), key)
    missing = sorted(name for name, path in places.items() if not path.exists())
    return Archives(places, tuple(missing), parts)


def _own_archives(names: list[str], own: Path, key: str) -> dict[str, Path]:
    """Find archives in the user's folder `own`; `own` may also be one archive itself."""
    found = {
        name: path
        for name in names
        for path in (own / PurePosixPath(name).name, own / name, own)
        # For a name that is too long Path.is_file raises; os.path.isfile says no.
        if os.path.isfile(path) and path.name == PurePosixPath(name).name
    }
    if not found:
        files = ", ".join(PurePosixPath(name).name for name in names)
        raise StudyError(
            f"config key {key} is {str(own)!r}, where none of {files} is found; put some there, or "
            "leave the key empty to have them fetched."
        )
    return found
