"""What a job hands to the functions that it calls, and the files that it reads."""

import io
from pathlib import Path

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema, write_table


def quiet() -> Progress:
    """Return the progress of a job that no one watches."""
    return Progress(io.StringIO())


def write_choice(path: Path, *points: tuple[str, str, float, float | None]) -> None:
    """Write what validation chose: the variant, method, scale and exit of each point."""
    choice = pd.DataFrame(points, columns=["variant", "method", "scale", "exit"]).assign(chosen=1)
    write_table(choice.reindex(columns=list(schema("stored_choice"))), path, "stored_choice")
