"""The method: data and split, frames, network, and both engines compared."""

from collections.abc import Iterator
from typing import Any, get_type_hints

import pandas as pd

from dvs_snn.probes.twins import N_TWINS, TWINS_PER_DIGIT
from dvs_snn.report import text
from dvs_snn.report.cells import label_text
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.simulation import MnistDvsRanges, SaccadesRanges, Simulation, TrainingPlans


def context(study: FinishedStudy) -> dict[str, Any]:
    verification, network = study.table("verification"), study.table("network")
    return {
        "split": _drawn(study.simulation) if study.simulation else None,
        "split_rows": _split_rows(study.table("split")),
        "frame_rows": _frame_rows(study.frame_index),
        "network_rows": _network_rows(network),
        "verification": _verification(verification) if len(verification) else None,
    }


def _drawn(simulation: Simulation) -> dict[str, Any]:
    """Which symbols test, validate and train, and what varies in training."""
    test = simulation.symbols.test
    few, many = text.count(min(test)), text.count(max(test))
    twins = ""
    if test == TWINS_PER_DIGIT:
        twins = "the very"
    elif all(n <= n_twins for n, n_twins in zip(test, TWINS_PER_DIGIT, strict=True)):
        twins = "all among the"
    plans = simulation.training
    varies_events = any(plan.frame_events for plan in plans.values())
    logarithmic = ["factors", "the noise rate"]
    logarithmic += ["lengths"] if "duration_s" in plans["mnist-dvs"].ranges else []
    logarithmic += ["events per frame"] if varies_events else []
    return {
        "n_test": sum(test),
        "per_digit": few if few == many else text.from_to(few, many),
        "twins": twins,
        "n_twins": N_TWINS,
        "frame_events": varies_events,
        "logarithmic": logarithmic,
        "range_rows": list(_range_rows(plans)),
    }


def _range_rows(plans: TrainingPlans) -> Iterator[dict[str, str]]:
    """What varies between the training recordings of each scene, in the words of the settings."""
    recordings = {scene: text.count(plan.recordings) for scene, plan in plans.items()}
    yield {"what varies": "recordings of each symbol", "unit": ""} | recordings
    frames = "events of a frame (where not given, as in the test)"
    varied = [(frames, "", text.count, [plan.frame_events for plan in plans.values()])]
    settings = get_type_hints(MnistDvsRanges, include_extras=True)
    settings |= get_type_hints(SaccadesRanges, include_extras=True)
    for name, setting in settings.items():
        about = setting.__metadata__[-1]
        unit = (about.json_schema_extra or {}).get("unit", "")
        ranges = [plan.ranges.get(name) for plan in plans.values()]
        varied.append((about.description, unit, text.setting, ranges))
    for label, unit, written, ranges in varied:
        if any(ranges):
            cells = (text.from_to(*map(written, ends)) if ends else "" for ends in ranges)
            yield {"what varies": label, "unit": unit} | dict(zip(plans, cells, strict=True))


def _split_rows(split: pd.DataFrame) -> pd.DataFrame:
    split = split.assign(drawn=split["label"].astype(str) + "/" + split["symbol"].astype(str))
    rows = split.groupby("split", sort=False, as_index=False).agg(
        recordings=("n_events", "size"),
        symbols=("drawn", "nunique"),
        events=("n_events", "sum"),
        median=("n_events", "median"),
        duration_s=("duration_s", "median"),
        on_share=("on_share", "mean"),
    )
    return rows.assign(on_share=rows["on_share"].map(text.percent))


def _frame_rows(index: pd.DataFrame) -> pd.DataFrame:
    return index.groupby("split", sort=False, observed=True, as_index=False).agg(
        frames=("n_events", "size"), median=("n_events", "median"), saturated=("n_saturated", "sum")
    )


def _network_rows(network: pd.DataFrame) -> pd.DataFrame:
    """A row for each layer, and their sums."""
    if network.empty:
        return network
    shapes = network["output_shape"].str.replace("x", " × ")
    sums = network[["weights", "macs"]].sum().to_frame().T.assign(layer="all")
    return pd.concat([network.assign(output_shape=shapes), sums])


def _verification(comparison: pd.DataFrame) -> dict[str, Any]:
    """What both inference engines made of the same recordings, summed over the networks."""
    # A silent network has no prediction: two of them agree.
    event, sinabs = (
        comparison[f"predicted_{engine}"].map(label_text) for engine in ("event", "sinabs")
    )
    distance = (comparison["synops_event"] - comparison["synops_sinabs"]).abs().sum()
    synops = comparison["synops_sinabs"].sum()
    return {
        "n_recordings": comparison["recording"].nunique(),
        "n_networks": len(comparison[["variant", "seed"]].drop_duplicates()),
        "scales": [f"{scale:.2f}" for scale in sorted(comparison["scale"].unique())],
        "entries": comparison["entries"].sum(),
        "entries_differing": comparison["entries_differing"].sum(),
        "synops_share": distance / synops if synops else None,
        "predictions": len(comparison),
        "predictions_differing": (event != sinabs).sum(),
    }
