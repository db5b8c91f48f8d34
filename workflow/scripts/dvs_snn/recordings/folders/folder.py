"""The files of a folder of recordings. Its imports are light, since the Snakefile uses it."""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dvs_snn.files.errors import CONTROL, StudyError
from dvs_snn.recordings.recording import CONVERTING, SUFFIXES
from dvs_snn.settings.data import DIGITS, Classes

_MNIST_DVS_NAME = re.compile(r"mnist_(\d)_scale\d+_(\d+)")


@dataclass(frozen=True)
class SourceFile:
    """A recording file of a folder.

    Attributes:
        name: its path below the folder, behind the folder's prefix.
        label: the place of its class among the study's.
        symbol: which drawn digit it shows, ``<class>/<NNNN or stem>``. Names
            ``mnist_D_scaleSS_NNNN*`` are MNIST-DVS: the same NNNN at every size is one symbol.
    """

    name: str
    path: Path
    label: int
    symbol: str


def _sorted(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise StudyError(
            f"{folder}: can't be listed ({error.strerror}); make it readable."
        ) from error


def list_folder(root: Path, classes: Sequence[str] = DIGITS, prefix: str = "") -> list[SourceFile]:
    """List ``<root>/<class>/<file>``, sorted by class and name; StudyError tells what lacks.

    Names come from elsewhere: they never become part of a written path or of a command.

    Args:
        prefix: goes before the names of files and symbols.
    """
    called = Classes(classes)
    word = called.word
    known = "0 to 9" if called.are_digits else ", ".join(classes)
    if not os.path.isdir(root):
        raise StudyError(
            f"{root}: no such folder; expected one with a folder per {word} ({known})."
        )
    folders = {path.name: path for path in _sorted(root) if path.is_dir()}
    labels = [label for label, name in enumerate(classes) if name in folders]
    if not labels:
        raise StudyError(
            f"{root}: holds no {word} folder, expected at least one of {known}; data.classes names "
            "these folders."
        )
    files = []
    for label in labels:
        folder = folders[classes[label]]
        # Leftovers of macOS and of unfinished work begin with a dot.
        paths = [
            path
            for path in _sorted(folder)
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
        ]
        if not paths:
            raise StudyError(
                f"{folder}: holds no recording, expected {', '.join(SUFFIXES)} files; "
                f"fill the folder or remove it ({CONVERTING})."
            )
        for path in paths:
            if CONTROL.search(path.name):
                raise StudyError(
                    f"{folder}: holds a file {path.name!a}, expected names without control "
                    "characters and in the file system's encoding; rename it."
                )
            match = _MNIST_DVS_NAME.match(path.name)
            place = f"{prefix}{folder.name}/"
            symbol = place + (match[2] if match else path.stem)
            files.append(SourceFile(place + path.name, path, label, symbol))
    return files


def check_folders(folders: Mapping[str, str], classes: Sequence[str]) -> None:
    """Check folders of recordings; StudyError tells the config key that names a faulty one."""
    for name, folder in folders.items():
        try:
            list_folder(Path(folder), classes)
        except StudyError as error:
            raise StudyError(f"config key {name}: {error}") from error


def listing_digest(root: Path, classes: Sequence[str] = DIGITS) -> str:
    """Return a short hash of the names and sizes of a folder's recordings.

    As a job's param it runs the job again when the folder changes, without 60,000 inputs.
    """
    lines = [f"{file.name} {file.path.stat().st_size}" for file in list_folder(root, classes)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
