"""Where the results come from: code, versions, machine, data, times."""

from typing import Any

import pandas as pd

from dvs_snn.report.study import FinishedStudy

CITED = ("python", "snakemake", "torch", "sinabs", "numpy")
"""Programs that the text to paste names."""


def context(study: FinishedStudy) -> dict[str, Any]:
    versions = study.provenance["versions"]
    return {
        "record": study.provenance,
        "cited": [f"{name} {versions[name]}" for name in CITED if name in versions],
        "version_rows": pd.Series(versions).rename_axis("program").reset_index(name="version"),
        "data_rows": study.provenance["data"],
        "runtime_rows": study.table("runtimes")
        .groupby("rule", sort=False, as_index=False)
        .agg(
            jobs=("seconds", "size"),
            sum=("seconds", "sum"),
            longest=("seconds", "max"),
            max_rss_mb=("max_rss_mb", "max"),
        ),
    }
