"""Where the results come from: code, versions, machine, data, times."""

from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.study import FinishedStudy

CITED = ("python", "snakemake", "torch", "sinabs", "numpy")
"""Programs that the text to paste names."""


def context(study: FinishedStudy) -> dict[str, Any]:
    versions = study.provenance["versions"]
    return {
        "record": study.provenance,
        "cited": [f"{name} {versions[name]}" for name in CITED if name in versions],
        "version_rows": [{"program": name, "version": versions[name]} for name in versions],
        "data_rows": _data_rows(study.provenance["data"]),
        "runtime_rows": _runtime_rows(study.table("runtimes")),
    }


def _data_rows(items: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The data without the columns in which no item says anything."""
    columns = {
        "data": [item.get("name") for item in items],
        "files": [text.count(item.get("n_files")) for item in items],
        "bytes": [text.count(item.get("bytes")) for item in items],
        "SHA-256": [item.get("sha256") for item in items],
        "this hash was": [item.get("hash") for item in items],
        "from": [item.get("url") for item in items],
        "licence": [item.get("licence") for item in items],
    }
    cells = pd.DataFrame(columns, dtype=object).map(text.plain)
    return cells.loc[:, (cells != text.NOTHING).any()].to_dict("records")


def _runtime_rows(runtimes: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {
            "rule": rule,
            "jobs": text.count(len(part)),
            "seconds, all jobs": text.significant(part["seconds"].sum()),
            "seconds, longest": text.significant(part["seconds"].max()),
            "memory (MB, largest)": text.count(part["max_rss_mb"].max()),
        }
        for rule, part in runtimes.groupby("rule", sort=False)
    ]
