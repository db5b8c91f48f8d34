"""How soon it knows: accuracy and energy against time, and what stopping early saves."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.report import live, text
from dvs_snn.report.cells import flagged, is_known, network_names, point_text
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.set_names import VALIDATION

COSTS = [
    "accuracy",
    "energy_per_reading_uj",
    "time_to_exit_ms",
    "power_while_reading_mw",
    "stop_ms",
    "stop_synops_per_reading",
    "synops_per_reading",
]


def context(study: FinishedStudy) -> dict[str, Any]:
    exits = study.table("exits")
    of_sets = exits[flagged(exits["chosen"])]
    tried, chosen = (of_sets[of_sets["set"] == name] for name in (VALIDATION, study.lead))
    exits = exits[exits["set"] == study.lead]
    title = "It reads to the end" if study.lead else "How soon: not measured"
    told = "No early exit was tried." if study.lead else "No spiking set was evaluated."
    sentence = Markup(told)
    if len(chosen):
        first = chosen.iloc[0]
        network = exits[(exits["variant"] == first["variant"]) & (exits["scale"] == first["scale"])]
        whole = network.loc[network["exit"].isna(), COSTS].mean()
        title, sentence = _stopped(study, first, chosen[COSTS].mean(), whole)
        sentence += _fixed_stop(tried[COSTS].mean())
    figure = study.figure("latency", study.note_on([study.lead]), sentence)
    return {"title": title, "sentence": sentence, "figure": figure}


def _stopped(
    study: FinishedStudy, point: pd.Series, stopped: pd.Series, whole: pd.Series
) -> tuple[str, Markup]:
    """What the exit that validation chose saves: a title and a sentence, means over the seeds."""
    saved = 1 - stopped["energy_per_reading_uj"] / whole["energy_per_reading_uj"]
    title = (
        f"Stopping early saves {text.whole_percent(saved)} of the energy and moves accuracy by "
        f"{text.points(stopped['accuracy'] - whole['accuracy'])} points"
    )
    names = network_names(study.table("front"))
    point = {**point, "method": "early-exit"}

    def told(row: pd.Series) -> Markup:
        return Markup("{} right for {} µJ in {} at {} mW").format(
            text.percent(row["accuracy"]),
            live.energy(row["energy_per_reading_uj"], row["time_to_exit_ms"], study.power),
            text.with_unit(row["time_to_exit_ms"], "ms", text.count),
            live.power(row["power_while_reading_mw"], study.power),
        )

    sentence = Markup(
        "A network stops once its best output leads by enough spikes. Of all, validation chose {}: "
        "it reads {}; run to the end, {}."
    ).format(point_text(point, names), told(stopped), told(whole))
    return title, sentence


def _fixed_stop(tried: pd.Series) -> str:
    """What it costs to stop all recordings of validation at one time, as accurately as the exit."""
    share = tried["stop_synops_per_reading"] / tried["synops_per_reading"]
    if not is_known(share):
        return ""
    after = text.with_unit(tried["stop_ms"], "ms", text.count)
    return (
        f" To read as many of validation, stopping all recordings after the same {after} takes "
        f"{text.significant(share)} times the SynOps."
    )
