"""What a reading takes by each model of energy: the spiking network, the sparse CNN, the CNN."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dvs_snn.analysis.equal_accuracy import CHOSEN, PLAIN, RIVALS, SPIKING
from dvs_snn.analysis.factors import EQUAL
from dvs_snn.networks.synops import DENSE
from dvs_snn.report import text
from dvs_snn.report.finished_study import FinishedStudy


@dataclass(frozen=True)
class Price:
    """What a reading takes by one model, in µJ; None: it has no such network.

    Attributes:
        rival: the sparse CNN, or without one the CNN that skips zeros.
        dense: the CNN that does every MAC.
    """

    model: str
    spiking: float
    rival: float
    dense: float | None

    @property
    def cnn(self) -> float:
        """What the cheaper one of both CNNs takes."""
        return self.rival if self.dense is None else min(self.rival, self.dense)

    @property
    def cheaper(self) -> str:
        return SPIKING if self.spiking < self.cnn else "CNN"

    @property
    def verdict(self) -> str:
        """Who is cheaper, and by how much."""
        times = max(self.spiking, self.cnn) / min(self.spiking, self.cnn)
        return f"{self.cheaper}, {text.significant(times)} times"


@dataclass(frozen=True)
class Prices:
    """The prices of both sides by all models.

    Attributes:
        rival: what stands against the spiking network.
        accuracy: in words, that of both sides.
    """

    models: Sequence[Price]
    rival: str
    accuracy: str

    @property
    def with_memory(self) -> list[Price]:
        """Those of models that count more than arithmetic."""
        return [price for price in self.models if "arithmetic" not in price.model]


def compared_prices(study: FinishedStudy) -> Prices | None:
    """Return what both sides take at the quoted accuracy, or else at the chosen points.

    None where one side is missing.
    """
    models = study.table("models")
    models = models[models["set"] == study.lead]
    equal = models[models["at"] == EQUAL]
    equal = equal[equal["accuracy"].isin(study.equal["accuracy"])]
    prices = _prices(equal)
    if prices is not None:
        return prices
    point = study.chosen_point
    chosen = models[models["at"] == CHOSEN]
    if point is None:
        return None
    is_other = (chosen["network"] == SPIKING) & (chosen["method"] != point["method"])
    return _prices(chosen[~is_other & (chosen["exit"].notna() | (chosen["network"] == SPIKING))])


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
    dense = of(PLAIN, DENSE)
    models = [
        Price(
            str(model),
            float(spiking["energy_per_reading_uj"][model]),
            float(rival["energy_per_reading_uj"][model]),
            float(dense["energy_per_reading_uj"][model]) if model in dense.index else None,
        )
        for model in spiking.index
    ]
    accuracies = [text.percent(side["accuracy"].iloc[0]) for side in (spiking, rival)]
    same = accuracies[0] == accuracies[1]
    words = accuracies[0] if same else f"{accuracies[0]} and {accuracies[1]}"
    return Prices(models, name, words)
