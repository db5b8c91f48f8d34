"""How soon it knows: accuracy and energy against time, and what stopping early saves."""

import pandas as pd
from markupsafe import Markup

from dvs_snn.analysis.trials import EARLY_EXIT
from dvs_snn.report import live, text
from dvs_snn.report.cells import flagged, is_known
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.template import Context
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


def context(study: FinishedStudy) -> Context:
    exits = study.table("exits")
    of_set = exits[exits["set"] == study.lead]
    chosen = of_set[flagged(of_set["chosen"])]
    title: str | Markup = "It reads to the end" if study.lead else "How soon: not measured"
    sentence: str | Markup = "No early exit was tried."
    if not study.lead:
        sentence = "No spiking set was evaluated."
    if len(chosen):
        first = chosen.iloc[0]
        is_network = (of_set["variant"] == first["variant"]) & (of_set["scale"] == first["scale"])
        whole = of_set.loc[is_network & of_set["exit"].isna(), COSTS].mean()
        title, sentence = _stopped(study, first, chosen[COSTS].mean(), whole)
        tried = exits[(exits["set"] == VALIDATION) & flagged(exits["chosen"])]
        sentence += _fixed_stop(tried[COSTS].mean())
    figure = study.figure("latency", [study.lead], sentence)
    return {"title": title, "sentence": sentence, "figure": figure}


def _stopped(
    study: FinishedStudy, point: pd.Series, stopped: pd.Series, whole: pd.Series
) -> tuple[Markup, Markup]:
    """What the exit that validation chose saves: a title and a sentence, means over the seeds."""
    title = Markup("Stopping early saves {} of the energy and moves accuracy by {} points").format(
        live.saved(live.spent_by(stopped), live.spent_by(whole), study.power),
        text.points(stopped["accuracy"] - whole["accuracy"]),
    )
    stopped_point = {**point, "method": EARLY_EXIT}

    def reads(row: pd.Series) -> Markup:
        return Markup("{} right for {} µJ in {} at {} mW").format(
            text.percent(row["accuracy"]),
            live.energy(row["energy_per_reading_uj"], row["time_to_exit_ms"], study.power),
            text.with_unit(row["time_to_exit_ms"], "ms", text.count),
            live.power(row["power_while_reading_mw"], study.power),
        )

    sentence = Markup(
        "A network stops once its best output leads by enough spikes. Of all, validation chose {}: "
        "it reads {}; run to the end, {}."
    ).format(study.in_words(stopped_point), reads(stopped), reads(whole))
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
