"""What a reading takes by each model of energy: the spiking network, its rival, the dense CNN."""

from dataclasses import dataclass

import pandas as pd

from dvs_snn.analysis.verdict import Verdict, rival_of, verdicts
from dvs_snn.energy.price import FLAT
from dvs_snn.points.front import ANY
from dvs_snn.points.point import ALL_MACS, CHOSEN, EQUAL, NONZERO_MACS, PLAIN_CNN
from dvs_snn.report import text
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.style import method_name
from dvs_snn.settings.sides import CNN, SPIKING


@dataclass(frozen=True)
class Prices:
    """The prices of both sides by all models.

    Attributes:
        models: a row for each, with its name `model` and its `source`. `spiking`, `rival` and
            `dense` are µJ of a reading, of the dense CNN NaN where there is none. `cheaper` says
            who needs less energy and by how much, `is_spiking` whether it is the spiking network.
            `counts_memory` is whether the model counts more than arithmetic.
        rival: what stands against the spiking network: the sparse CNN, or without one the CNN that
            skips zeros.
        accuracy: in words, that of both sides.
        ms, rival_ms: time in ms until each stops.
    """

    models: pd.DataFrame
    rival: str
    accuracy: str
    ms: float
    rival_ms: float

    @property
    def with_memory(self) -> pd.DataFrame:
        """Those of models that count more than arithmetic."""
        return self.models[self.models["counts_memory"]]


def compared_prices(study: FinishedStudy) -> Prices | None:
    """Return what both sides take at the quoted accuracy, or else at the chosen points.

    Idle power is left out. None where one side is missing.
    """
    rows = study.table("energy")
    rows = rows[(rows["set"] == study.answer_set) & (rows["kind"] != FLAT)]
    rows = rows[rows["idle_mw"] == 0]
    equal = rows[(rows["at"] == EQUAL) & rows["accuracy"].isin(study.equal["accuracy"])]
    is_side = (equal["side"] == CNN) | (equal["method"] == ANY)
    prices = _prices(equal[is_side])
    point = study.chosen_point
    if prices is not None or point is None:
        return prices
    chosen = rows[rows["at"] == CHOSEN]
    is_quoted = (chosen["side"] == SPIKING) & (chosen["method"] == point["method"])
    is_stopping_cnn = (chosen["side"] == CNN) & chosen["exit"].notna()
    return _prices(chosen[is_quoted | is_stopping_cnn])


def _prices(rows: pd.DataFrame) -> Prices | None:
    """Return the prices of rows of ``energy.csv`` with one spiking network and one idle power."""
    rival = rival_of(rows)
    spiking = rows[rows["side"] == SPIKING]
    if rival is None or spiking.empty:
        return None
    is_rival = (rows["method"] == rival) & (rows["counted"] == NONZERO_MACS)
    is_dense = (rows["method"] == PLAIN_CNN) & (rows["counted"] == ALL_MACS)
    of_rival = rows[is_rival].drop_duplicates("model")
    of_dense = rows[is_dense].drop_duplicates("model")
    beside_rival = verdicts(pd.concat([spiking, of_rival]))
    beside_dense = {each.model: each for each in verdicts(pd.concat([spiking, of_dense]))}

    models = [_model_row(each, beside_dense.get(each.model)) for each in beside_rival]
    accuracies = [text.percent(side["accuracy"].iloc[0]) for side in (spiking, of_rival)]
    return Prices(
        models=pd.DataFrame(models),
        rival=method_name(rival),
        accuracy=" and ".join(dict.fromkeys(accuracies)),
        ms=float(spiking["time_ms"].iloc[0]),
        rival_ms=float(of_rival["time_ms"].iloc[0]),
    )


def _model_row(rival: Verdict, dense: Verdict | None) -> dict[str, object]:
    """Return a model's row: the spiking network beside its rival, and beside the dense CNN."""
    known = [rival] if dense is None else [rival, dense]
    cheapest = min(known, key=lambda verdict: verdict.cnn_uj)
    is_spiking = cheapest.cheaper == SPIKING
    times = max(cheapest.ratio, 1 / cheapest.ratio)
    winner = SPIKING if is_spiking else "CNN"
    return {
        "model": rival.model,
        "source": rival.source,
        "counts_memory": rival.counts_memory,
        "spiking": rival.spiking_uj,
        "rival": rival.cnn_uj,
        "dense": None if dense is None else dense.cnn_uj,
        "is_spiking": is_spiking,
        "cheaper": f"{winner}, {text.significant(times)} times",
    }
