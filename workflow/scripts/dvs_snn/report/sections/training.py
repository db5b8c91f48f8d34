"""The training: which epoch of each run was kept."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report.material import Material
from dvs_snn.report.text import count, percent, plain, significant, spread, table_html


def context(material: Material) -> dict[str, Any]:
    """What is shown of training: curves, the epochs that were kept, speed, and frames."""
    note = material.origin.note()
    return {
        "is_still": _is_still(material.config["training"].get("affine")),
        "table": _table(material),
        "speed": _speed(material.table("runtimes", "rule")),
        "curves": material.picture("training", note),
        "frames": material.picture("frames", note),
    }


def _is_still(affine: Mapping[str, Any] | None) -> bool:
    """Whether frames are left as they are: neither scaled, shifted nor turned."""
    if affine is None:
        return False
    return {*affine["scale"]} <= {1} and {*affine["translate"]} <= {0} and affine["degrees"] == 0


def _table(material: Material) -> Markup | None:
    """The epoch of each run that was kept: the last, or the first that is best on validation."""
    training, config = material.table("training", "variant", "seed"), material.config
    if training.empty or "validation_accuracy" not in training:
        return None
    rows = []
    for (variant, seed), part in training.groupby(["variant", "seed"], sort=False):
        known = part[part["validation_accuracy"].notna()].sort_values("epoch")
        if known.empty:
            continue
        settings = config["training"] | config.get("variants", {}).get(variant, {})
        place = known.index[-1]
        if settings.get("keep") != "last":
            place = known["validation_accuracy"].idxmax()
        kept = known.loc[place]
        rows.append(
            {
                "variant": variant,
                "seed": plain(seed),
                "epochs": count(part["epoch"].max()),
                "epoch kept": count(kept["epoch"]),
                "loss": significant(kept["loss"]),
                "accuracy on training frames": percent(kept["train_accuracy"]),
                "accuracy on validation frames": percent(kept["validation_accuracy"]),
            }
        )
    if not rows:
        return None
    caption = f"{material.origin.note()}The epoch of each run whose weights were kept"
    return table_html(pd.DataFrame(rows), caption)


def _speed(runtimes: pd.DataFrame) -> str:
    if runtimes.empty or "frames_per_s" not in runtimes:
        return ""
    speeds = pd.to_numeric(runtimes["frames_per_s"], errors="coerce")[runtimes["rule"] == "train"]
    return spread(speeds.dropna(), count) if speeds.notna().any() else ""
