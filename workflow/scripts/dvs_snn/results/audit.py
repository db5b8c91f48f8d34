"""The audit of the SynOps as a table: ``audit.csv``."""

from pathlib import Path

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import Column, read_table
from dvs_snn.inference.counters import ALL, COUNT_COLUMNS, COUNTERS, OURS, SHIPPED_COLUMNS

AUDIT_TABLE = {
    **COUNT_COLUMNS,
    "ratio": Column("number", "", "`synops` over ours, of the same layer"),
    "includes_input": Column("whole", "", "1 if it counts events that arrive at the first layer"),
    "edges": Column("text", "", "synapses at the border: `exact`, or `ignored`: as in the middle"),
    "pool": Column("text", "", "what becomes of the spikes of an average pool's window"),
    "multi_spikes": Column("text", "", "how it counts several spikes of a neuron in one step"),
    "measured": Column("text", "", "`in this run`, or `shipped` with the study"),
    "why": Column("text", "", "why it differs from ours"),
}


def read_shipped(path: Path) -> pd.DataFrame:
    """Read the counts of the recording that ship with the study, of `COUNT_COLUMNS`."""
    shipped = read_table(path, SHIPPED_COLUMNS)
    return shipped[shipped["spikes"] == "recording"][list(COUNT_COLUMNS)]


def audit_table(fresh: pd.DataFrame, shipped: pd.DataFrame) -> pd.DataFrame:
    """Return ``audit.csv``: fresh counts, and shipped ones of counters that weren't run.

    Args:
        fresh, shipped: rows of `COUNT_COLUMNS`.

    Raises:
        StudyError: a counter that was run differs from its shipped count, so these spikes aren't
            those that the shipped counters counted.
    """
    key = ["counter", "layer"]
    both = fresh.merge(shipped, on=key, suffixes=("", "_shipped"))
    for row in both[both["synops"] != both["synops_shipped"]].to_dict("records"):
        raise StudyError(
            f"workflow/data/audit.csv: {row['counter']} counts {row['synops_shipped']:.0f} SynOps "
            f"in layer {row['layer']}, expected {row['synops']:.0f} as in this run; run "
            "`python benchmarks/audit.py` to count again."
        )
    others = shipped[~shipped["counter"].isin(fresh["counter"])]
    table = pd.concat(
        [fresh.assign(measured="in this run"), others.assign(measured="shipped")],
        ignore_index=True,
    )
    ours = fresh[fresh["counter"] == OURS].set_index("layer")["synops"]
    table["ratio"] = table["synops"] / table["layer"].map(ours)
    for name in ("includes_input", "edges", "pool", "multi_spikes", "why"):
        table[name] = [getattr(COUNTERS[counter], name) for counter in table["counter"]]
    table["includes_input"] = table["includes_input"].astype(int)
    place = {counter: number for number, counter in enumerate(COUNTERS)}
    table = table.sort_values("counter", key=lambda names: names.map(place), kind="stable")
    return table[list(AUDIT_TABLE)].reset_index(drop=True)


def totals(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of ``audit.csv`` for the whole network, one a counter."""
    return table[table["layer"] == ALL]
