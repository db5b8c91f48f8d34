"""The training: which epoch of each run was kept."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from dvs_snn.report import text
from dvs_snn.report.material import Material


def context(material: Material) -> dict[str, Any]:
    note = material.origin.note()
    runtimes = material.table("runtimes")
    speeds = runtimes[runtimes["rule"] == "train"]["frames_per_s"].dropna()
    return {
        "is_still": _is_still(material.config["training"]["affine"]),
        "table": _table(material),
        "speed": text.spread(speeds, text.count) if len(speeds) else "",
        "given": material.given,
        "is_trained": material.trains,
        "curves": material.picture("training", note),
        "frames": material.picture("frames", note),
    }


def _is_still(affine: Mapping[str, Any]) -> bool:
    """Whether frames are left as they are: neither scaled, shifted nor turned."""
    return {*affine["scale"]} <= {1} and {*affine["translate"]} <= {0} and affine["degrees"] == 0


def _table(material: Material) -> Markup | None:
    """The epoch of each run that was kept: the last, or the first that is best on validation."""
    training, config = material.table("training"), material.config
    rows = []
    for (variant, seed), part in training.groupby(["variant", "seed"], sort=False):
        known = part[part["validation_accuracy"].notna()].sort_values("epoch")
        if known.empty:
            continue
        settings = config["training"] | config.get("variants", {}).get(variant, {})
        is_last = settings.get("keep") == "last"
        kept = known.loc[known.index[-1] if is_last else known["validation_accuracy"].idxmax()]
        rows.append(
            {
                "variant": variant,
                "seed": seed,
                "epochs": text.count(part["epoch"].max()),
                "epoch kept": text.count(kept["epoch"]),
                "loss": text.significant(kept["loss"]),
                "accuracy on training frames": text.percent(kept["train_accuracy"]),
                "accuracy on validation frames": text.percent(kept["validation_accuracy"]),
            }
        )
    caption = f"{material.origin.note()}The epoch of each run whose weights were kept"
    return text.table_html(rows, caption, source="training")
