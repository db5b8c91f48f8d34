"""Where the results come from: code, versions, machine, data, times."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import text
from dvs_snn.report.cells import is_known
from dvs_snn.report.material import Material


def context(material: Material) -> dict[str, Any]:
    provenance = material.provenance
    commit, machine = provenance.get("commit"), provenance.get("machine") or {}
    facts = {"commit": commit if is_known(commit) else "not known: no git repository"}
    if is_known(commit):
        dirty = provenance.get("dirty")
        facts["working tree"] = "changed since that commit (dirty)" if dirty else "as committed"
    facts["seeds"] = ", ".join(map(text.plain, provenance.get("seeds") or []))
    facts["device"] = provenance.get("device")
    for key, label in (("cpu", "processor"), ("cores", "cores"), ("platform", "platform")):
        facts[label] = machine.get(key)
    memory = machine.get("memory_gb")
    facts["memory"] = f"{text.significant(memory)}{text.NBSP}GB" if is_known(memory) else None
    if is_known(provenance.get("finished")):
        facts["finished"] = provenance["finished"]
    versions = (provenance.get("versions") or {}).items()
    return {
        "facts": [(name, text.plain(value)) for name, value in facts.items()],
        "versions_table": text.table_html(
            [{"program": name, "version": version} for name, version in versions], "Versions"
        ),
        "data_table": _data_table(provenance.get("data") or []),
        "runtimes_table": _runtimes_table(material.table("runtimes")),
        "command": provenance["rerun_command"],
    }


def _data_table(items: list[dict[str, Any]]) -> Markup | None:
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
    frame = pd.DataFrame(columns, dtype=object).map(text.plain)
    said = frame.loc[:, (frame != text.NOTHING).any()]
    return text.table_html(said.to_dict("records"), "Data")


def _runtimes_table(runtimes: pd.DataFrame) -> Markup | None:
    rows = [
        {
            "rule": rule,
            "jobs": text.count(len(part)),
            "seconds, all jobs": text.significant(part["seconds"].sum()),
            "seconds, longest": text.significant(part["seconds"].max()),
            "memory (MB, largest)": text.count(part["max_rss_mb"].max()),
        }
        for rule, part in runtimes.groupby("rule", sort=False)
    ]
    return text.table_html(rows, "Time and memory by rule")
