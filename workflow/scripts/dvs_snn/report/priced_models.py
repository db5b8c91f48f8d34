"""What a reading takes by each model of energy: the spiking network, the sparse CNN, the CNN."""

from dataclasses import dataclass

import pandas as pd

from dvs_snn.analysis.equal_accuracy import CHOSEN, PLAIN, RIVALS, SPIKING
from dvs_snn.analysis.factors import EQUAL
from dvs_snn.networks.synops import DENSE
from dvs_snn.report import text
from dvs_snn.report.finished_study import FinishedStudy

UJ = "energy_per_reading_uj"


@dataclass(frozen=True)
class Prices:
    """The prices of both sides by all models.

    Attributes:
        models: a row for each, with its name `model` and its `source`. `spiking`, `rival` and
            `dense` are µJ of a reading, of the dense CNN NaN where there is none. `cheaper` says
            who needs less energy and by how much, `is_spiking` whether it is the spiking network.
        rival: what stands against the spiking network: the sparse CNN, or without one the CNN that
            skips zeros.
        accuracy: in words, that of both sides.
    """

    models: pd.DataFrame
    rival: str
    accuracy: str

    @property
    def with_memory(self) -> pd.DataFrame:
        """Those of models that count more than arithmetic."""
        return self.models[~self.models["model"].str.contains("arithmetic")]


def compared_prices(study: FinishedStudy) -> Prices | None:
    """Return what both sides take at the quoted accuracy, or else at the chosen points.

    None where one side is missing.
    """
    models = study.table("models")
    models = models[models["set"] == study.answer_set]
    equal = models[models["at"] == EQUAL]
    prices = _prices(equal[equal["accuracy"].isin(study.equal["accuracy"])])
    point = study.chosen_point
    if prices is not None or point is None:
        return prices
    is_quoted = (models["network"] == SPIKING) & (models["method"] == point["method"])
    is_stopping_cnn = (models["network"] != SPIKING) & models["exit"].notna()
    return _prices(models[(models["at"] == CHOSEN) & (is_quoted | is_stopping_cnn)])


def _prices(rows: pd.DataFrame) -> Prices | None:
    """Return the prices of rows of ``models.csv`` with one spiking network."""

    def of(network: str, macs: str) -> pd.DataFrame:
        side = rows[(rows["network"] == network) & (rows["macs"].fillna("") == macs)]
        return side.drop_duplicates("model").set_index("model")

    spiking = of(SPIKING, "")
    sides = [(name, of(name, macs)) for name, macs in RIVALS]
    known = [(name, side) for name, side in sides if len(side)]
    if spiking.empty or not known:
        return None

    name, rival = known[0]
    models = spiking[["source"]].assign(spiking=spiking[UJ], rival=rival[UJ])
    models = models.assign(dense=of(PLAIN, DENSE)[UJ])
    cnn = models[["rival", "dense"]].min(axis=1)
    models = models.assign(is_spiking=models["spiking"] < cnn)
    winner = models["is_spiking"].map({True: SPIKING, False: "CNN"})
    ratio = models["spiking"] / cnn
    times = ratio.where(ratio > 1, 1 / ratio).map(text.significant)
    models = models.assign(cheaper=winner + ", " + times + " times")

    accuracies = [text.percent(side["accuracy"].iloc[0]) for side in (spiking, rival)]
    accuracy = " and ".join(dict.fromkeys(accuracies))
    return Prices(models.reset_index(), name, accuracy)
