"""All that probes measured, in one table: ``probes.csv``."""

from dataclasses import dataclass
from pathlib import Path

from dvs_snn.files.job import Progress
from dvs_snn.files.tables import join_tables, write_table


@dataclass(frozen=True)
class JoinProbesJob:
    """What the rule `join_probes` gives."""

    tables: list[Path]
    joined: Path


def join_probes(job: JoinProbesJob, progress: Progress) -> None:
    """Write ``probes.csv``: the rows of all jobs."""
    # Amounts as text, since reading and writing may change the last digit of a number.
    rows = join_tables(job.tables, "probes", amount="str", low="str", high="str")
    write_table(rows, job.joined, "probes")
    progress.say(f"{len(rows)} rows")
