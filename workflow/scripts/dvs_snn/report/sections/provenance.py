"""Where the results come from: code, versions, machine, data, times."""

from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.study import FinishedStudy

CITED = ("python", "snakemake", "torch", "sinabs", "numpy")
"""Programs that the text to paste names."""


def context(study: FinishedStudy) -> dict[str, Any]:
    record = study.provenance
    machine = record.get("machine") or {}
    facts = {"commit": record.get("commit") or "not known: no git repository"}
    if record.get("commit"):
        dirty = record.get("dirty")
        facts["working tree"] = "changed since that commit (dirty)" if dirty else "as committed"
    facts |= {
        "seeds": ", ".join(map(text.plain, record.get("seeds") or [])),
        "device": record.get("device"),
        "processor": machine.get("cpu"),
        "cores": machine.get("cores"),
        "platform": machine.get("platform"),
        "memory": text.with_unit(machine.get("memory_gb"), "GB"),
    }
    if record.get("finished"):
        facts["finished"] = record["finished"]
    versions = record.get("versions") or {}
    return {
        "facts": {name: text.plain(value) for name, value in facts.items()},
        "version_rows": [{"program": name, "version": versions[name]} for name in versions],
        "cited": [f"{name} {versions[name]}" for name in CITED if name in versions],
        "data_rows": _data_rows(record.get("data") or []),
        "runtime_rows": _runtime_rows(study.table("runtimes")),
        "command": record["rerun_command"],
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
