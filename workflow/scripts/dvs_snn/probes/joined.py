"""All that probes measured, in one table: ``probes.csv``."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.analysis.power import EnergyModel, power_mw
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import join_tables, write_table


@dataclass(frozen=True)
class JoinProbesJob:
    """What the rule `join_probes` gives."""

    tables: list[Path]
    energy: EnergyModel
    joined: Path


def join_probes(job: JoinProbesJob, progress: Progress) -> None:
    """Write ``probes.csv``: the rows of all jobs, and behind each `synops_per_s` a `power_mw`."""
    # Amounts as text, since reading and writing may change the last digit of a number.
    rows = join_tables(job.tables, "probes", amount="str", low="str", high="str")
    per_s = rows[rows["measure"] == "synops_per_s"]
    powers = [power_mw(float(amount), 1.0, job.energy) for amount in per_s["amount"]]
    power_rows = per_s.assign(measure="power_mw", amount=powers, unit="mW")
    joined = pd.concat([rows.astype(object), power_rows.astype(object)])
    write_table(joined.sort_index(kind="stable"), job.joined, "probes")
    progress.say(f"{len(joined)} rows")
