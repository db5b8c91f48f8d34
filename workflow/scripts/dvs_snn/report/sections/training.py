"""The training: which epoch of each run was kept."""

from collections.abc import Iterator
from typing import Any

from dvs_snn.report import text
from dvs_snn.report.study import FinishedStudy


def context(study: FinishedStudy) -> dict[str, Any]:
    runtimes = study.table("runtimes")
    speeds = runtimes[runtimes["rule"] == "train"]["frames_per_s"].dropna()
    return {
        "rows": list(_rows(study)),
        "speed": text.spread(speeds, text.count) if len(speeds) else "",
    }


def _rows(study: FinishedStudy) -> Iterator[dict[str, str]]:
    """The epoch of each run that was kept: the last, or the first that is best on validation."""
    for (variant, seed), run in study.table("training").groupby(["variant", "seed"], sort=False):
        known = run[run["validation_accuracy"].notna()].sort_values("epoch")
        if known.empty:
            continue
        is_last = study.variants[variant].keep == "last"
        kept = known.loc[known.index[-1] if is_last else known["validation_accuracy"].idxmax()]
        yield {
            "variant": variant,
            "seed": seed,
            "epochs": text.count(run["epoch"].max()),
            "epoch kept": text.count(kept["epoch"]),
            "loss": text.significant(kept["loss"]),
            "accuracy on training frames": text.percent(kept["train_accuracy"]),
            "accuracy on validation frames": text.percent(kept["validation_accuracy"]),
        }
