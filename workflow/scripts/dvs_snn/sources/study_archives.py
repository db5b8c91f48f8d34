"""Which archives a study reads, where each lies, and what is unpacked from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvs_snn.sources.catalogue import Source, archives_of, locate


@dataclass(frozen=True)
class Archives:
    """The archives of a study.

    Attributes:
        places: archive -> where it lies, or will once it is fetched.
        missing: those to be fetched. One that is there is never an output: no run deletes it.
        parts: part of the recordings that the study unpacks itself -> its archives.
    """

    places: Mapping[str, Path]
    missing: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]


def study_archives(data: Mapping[str, Any], sources: Mapping[str, Source]) -> Archives:
    """Return the archives that the config section `data` asks for.

    Raises:
        StudyError: `data.local` holds none of them; for the tutorial, `data.folder`.
    """
    source, folder, local = data["source"], data["folder"], data["local"]
    names = archives_of(source, sources)
    parts: dict[str, tuple[str, ...]] = {}
    # With data.folder the recordings are unpacked already.
    if source == "mnist-dvs" and not folder:
        parts = {"all": tuple(names)}
    elif source == "nmnist" and not folder:
        parts = {"train": ("nmnist/Train.zip",), "test": ("nmnist/Test.zip",)}
    if source != "tutorial" and not parts:
        return Archives({}, (), {})
    # The folder of the tutorial is one of archives.
    key, own = ("data.local", local) if local else ("data.folder", folder)
    places = locate(names, Path(data["downloads"]), Path(own) if own else None, key)
    missing = sorted(name for name, path in places.items() if not path.exists())
    return Archives(places, tuple(missing), parts)
