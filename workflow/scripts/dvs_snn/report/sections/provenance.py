"""Where the results come from: code, versions, machine, data, times."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report.cells import is_known
from dvs_snn.report.material import Material
from dvs_snn.report.text import NBSP, NOTHING, count, plain, significant, table_html


def context(material: Material) -> dict[str, Any]:
    """Code, versions, machine, data and times behind the page, and how to run it again."""
    provenance = material.provenance
    commit, dirty = provenance.get("commit"), provenance.get("dirty")
    facts = [("commit", plain(commit) if is_known(commit) else "not known: no git repository")]
    if is_known(commit):
        facts.append(
            ("working tree", "changed since that commit (dirty)" if dirty else "as committed")
        )
    seeds = ", ".join(plain(seed) for seed in provenance.get("seeds") or [])
    facts.append(("seeds", seeds or NOTHING))
    facts.append(("device", plain(provenance.get("device"))))
    machine = dict(provenance.get("machine") or {})
    for key, label in (("cpu", "processor"), ("cores", "cores"), ("platform", "platform")):
        facts.append((label, plain(machine.get(key))))
    memory = machine.get("memory_gb")
    facts.append(("memory", f"{significant(memory)}{NBSP}GB" if is_known(memory) else NOTHING))
    for key in ("started", "finished"):
        if is_known(provenance.get(key)):
            facts.append((key, plain(provenance[key])))
    versions = dict(provenance.get("versions") or {})
    data = [
        {
            "data": plain(item.get("name")),
            "files": count(item.get("n_files")),
            "bytes": count(item.get("bytes")),
            "SHA-256": plain(item.get("sha256")),
            "this hash was": plain(item.get("hash")),
            "from": plain(item.get("url")),
            "licence": plain(item.get("licence")),
        }
        for item in provenance.get("data") or []
    ]
    own = f"snakemake --cores 2 --configfile results/{material.study}/config.used.yaml"
    return {
        "facts": facts,
        "versions_table": table_html(
            pd.DataFrame(
                [{"program": name, "version": plain(versions[name])} for name in versions]
            ),
            "Versions",
        )
        if versions
        else None,
        "data_table": _dashed_out(data, "Data") if data else None,
        "runtimes_table": _runtimes_table(material.table("runtimes", "rule")),
        "command": provenance.get("rerun_command") or own,
    }


def _dashed_out(rows: Sequence[Mapping[str, Any]], caption: str) -> Markup:
    """A table without the columns in which no row says anything."""
    frame = pd.DataFrame(list(rows))
    return table_html(frame.loc[:, (frame != NOTHING).any()], caption)


def _runtimes_table(runtimes: pd.DataFrame) -> Markup | None:
    if runtimes.empty or "seconds" not in runtimes:
        return None
    rows = []
    for rule, part in runtimes.groupby("rule", sort=False):
        rows.append(
            {
                "rule": rule,
                "jobs": count(len(part)),
                "seconds, all jobs": significant(part["seconds"].sum()),
                "seconds, longest": significant(part["seconds"].max()),
                "memory (MB, largest)": count(part["max_rss_mb"].max())
                if "max_rss_mb" in part
                else NOTHING,
            }
        )
    return table_html(pd.DataFrame(rows), "Time and memory by rule")
