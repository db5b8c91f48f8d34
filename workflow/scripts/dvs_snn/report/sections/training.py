"""The training: which epoch of each run was kept."""

from typing import Any

import pandas as pd

from dvs_snn.report import text
from dvs_snn.report.study import FinishedStudy


def context(study: FinishedStudy) -> dict[str, Any]:
    runtimes = study.table("runtimes")
    speeds = runtimes[runtimes["rule"] == "train"]["frames_per_s"].dropna()
    return {
        "rows": _rows(study),
        "speed": text.spread(speeds, text.count) if len(speeds) else "",
    }


def _rows(study: FinishedStudy) -> pd.DataFrame:
    """The epoch of each run that was kept: the last, or the first that is best on validation."""
    training = study.table("training").sort_values("epoch", kind="stable")
    runs = training.groupby(["variant", "seed"], sort=False)
    training = training.assign(epochs=runs["epoch"].transform("max"))
    training = training[training["validation_accuracy"].notna()]
    is_last = training["variant"].map(lambda name: study.variants[name].keep == "last")
    rank = training["validation_accuracy"].mask(is_last.astype(bool), training["epoch"])
    return training.loc[rank.groupby([training["variant"], training["seed"]], sort=False).idxmax()]
