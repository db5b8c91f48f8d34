"""The files that ship with the study: all of them, and tables of figures of real recordings."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.files.errors import StudyError

CLONE = Path(__file__).resolve().parents[4]
# In the clone, where a user's own files lie too.
WORKFLOW = ["CITATION.cff", "LICENSE", "README.md", "Snakefile", "config.yaml", "environment.yml"]
WORKFLOW += ["requirements*", "docs/*.md", "workflow/**/*"]
REMEDY = "restore the file from the repository"


def read_shipped(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a tab-separated table with remarks after #; StudyError if it has other columns."""
    try:
        table = pd.read_csv(path, sep="\t", comment="#")
    except (OSError, ValueError) as error:
        raise StudyError(
            f"{path}: cannot be read ({error}), expected a tab-separated table; {REMEDY}"
        ) from error
    if list(table.columns) != list(columns):
        raise StudyError(
            f"{path}: columns {', '.join(table.columns)}, expected {', '.join(columns)}; {REMEDY}"
        )
    return table


def workflow_files(clone: Path) -> dict[str, Path]:
    """Return the files that run the study, and its documentation, by their names in the clone."""
    paths = {path for pattern in WORKFLOW for path in clone.glob(pattern) if path.is_file()}
    names = {path.relative_to(clone).as_posix(): path for path in paths}
    return {name: names[name] for name in sorted(names) if "__pycache__" not in name}
