"""Settings, presets and results of earlier versions, and what to do instead."""

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from dvs_snn.files.errors import StudyError

REMOVED = {
    "data.fetching.backoff_s": "leave it out: the wait grows by a second from attempt to attempt",
    "data.fetching.max_gb": "leave it out: data.sources.<archive>.bytes states an archive's size",
    "removed.all-sizes": "name best.yaml",
    "removed.methods-sorbaro": "name methods.yaml, and a file of your own with model.name: sorbaro",
    "removed.mnist": "name best.yaml",
    "removed.wide": "name best.yaml",
    "simulation.drift": "leave it out: no long recordings are read as they go on, and "
    "docs/results.md keeps what they showed",
    "simulation.learning": "leave it out: networks no longer learn from real recordings, and "
    "docs/results.md keeps what they gained by it",
    "training.shards": "leave it out: a training computes on one thread, its seeds side by side",
    "variants.*.shards": "leave it out: a training computes on one thread, its seeds side by side",
}
"""Key (`*` stands for any name) -> what to do instead. A removed preset keeps its file, which holds
the key `removed.<preset>`, so that naming it ends in the sentence too."""


def refuse_removed(section: Any, above: str = "") -> None:
    """Raise StudyError if settings have a key that a version before 2.0.0 knew."""
    for key, value in section.items() if isinstance(section, Mapping) else ():
        name = f"{above}{key}"
        for pattern, instead in REMOVED.items():
            if fnmatchcase(name, pattern):
                what = f"preset {key}.yaml" if above == "removed." else f"config key {name}"
                raise StudyError(f"{what} was removed in 2.0.0; instead {instead}.")
        refuse_removed(value, f"{name}.")


def refuse_earlier_results(folder: Path) -> None:
    """Raise StudyError if a version before 2.0.0 wrote the folder `results/<study>`.

    What it left there would stand beside the new tables, or be taken for made. A folder without a
    readable `provenance.json` passes.
    """
    try:
        record = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
        # The first studies tell no version.
        version = str(record.get("version", "0"))
        major = int(version.partition(".")[0])
    except (OSError, ValueError, AttributeError):
        return
    if major < 2:
        raise StudyError(
            f"{folder}: its results are of version {version}, expected 2.0.0 or later; move the "
            "folder away, or give the study another name (config key study)."
        )
