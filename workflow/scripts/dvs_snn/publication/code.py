"""The workflow's own files, which a crate copies."""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from dvs_snn.files.atomic import scratch_folder
from dvs_snn.files.hashes import sha256_of

# In the clone, beside the folder `workflow`. A user's own files lie there too.
_BESIDE = (
    "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "README.md", "Snakefile",
    "config.yaml", "environment.yml", "requirements*.txt", "requirements.lock", "docs/*.md",
    "docs/*.svg",
)  # fmt: skip


def workflow_files(clone: Path) -> dict[str, Path]:
    """Return the files that run the study, and its documentation, by their name in the clone."""
    paths = [path for pattern in _BESIDE for path in clone.glob(pattern)]
    paths += [path for path in (clone / "workflow").rglob("*") if "__pycache__" not in path.parts]
    found = {path.relative_to(clone).as_posix(): path for path in paths if path.is_file()}
    return dict(sorted(found.items()))


def workflow_digest(clone: Path) -> str:
    """Return one SHA-256 over the names and contents of the workflow's files."""
    lines = [f"{sha256_of(path)}  {name}\n" for name, path in workflow_files(clone).items()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def copy_files(sources: Mapping[str, Path], folder: Path) -> None:
    """Copy files into a folder, by name; it appears whole or not at all."""
    with scratch_folder(folder) as scratch:
        whole = scratch / folder.name
        for name, source in sources.items():
            (whole / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, whole / name)
        if folder.exists():
            shutil.rmtree(folder)
        whole.rename(folder)
