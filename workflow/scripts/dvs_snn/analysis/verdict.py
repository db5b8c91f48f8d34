"""The verdict: which side is cheaper under which price, and from which idle power the order turns.

It is data, made from the rows of ``energy.csv`` alone. Sentences are made from it elsewhere.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from dvs_snn.energy.price import ARITHMETIC, idle_uj
from dvs_snn.points.point import NONZERO_MACS, PLAIN_CNN, SPARSE_CNN
from dvs_snn.settings.sides import CNN, SPIKING, Side

UJ = "energy_per_reading_uj"

RIVALS = (SPARSE_CNN, PLAIN_CNN)
"""What stands against the spiking networks: the first of these methods that a study has."""


@dataclass(frozen=True)
class Verdict:
    """A spiking network beside a CNN at one price.

    Attributes:
        model: name of the price.
        counts_memory: whether it counts more than arithmetic.
        source: where the price stands.
        idle_mw: idle power in mW, the same on both sides.
        method, counted: the CNN's.
        spiking_uj, cnn_uj: energy of a reading in µJ.
        turns_at_mw: idle power in mW from which on the order turns; None: it never does.
    """

    model: str
    counts_memory: bool
    source: str
    idle_mw: float
    method: str
    counted: str
    spiking_uj: float
    cnn_uj: float
    turns_at_mw: float | None

    @property
    def cheaper(self) -> Side:
        """The side that needs less energy."""
        return SPIKING if self.spiking_uj < self.cnn_uj else CNN

    @property
    def ratio(self) -> float:
        """The spiking network's energy over the CNN's."""
        return self.spiking_uj / self.cnn_uj


def turning_idle_mw(spiking: pd.Series, cnn: pd.Series) -> float | None:
    """Return the idle power in mW at which two rows of ``energy.csv`` of one price cost the same.

    Idle power p adds p times the time until each stops. None where no positive power does it.
    """
    later_ms = float(spiking["time_ms"] - cnn["time_ms"])
    less_uj = float(cnn["operations_uj"] - spiking["operations_uj"])
    if later_ms == 0:
        return None
    power = less_uj / later_ms
    return power if power > 0 and math.isfinite(power) else None


class EvenLine(NamedTuple):
    """Where two networks need the same energy: MAC price = `ratio` x SynOp price + `more_pj`.

    Attributes:
        ratio: how many SynOps cost as much as a MAC, without idle power.
        more_pj: what idle power adds to the price of a MAC, since both stop at different times.
    """

    ratio: float
    more_pj: float

    def mac_pj(self, synop_pj: float) -> float:
        """Return the price of a MAC at which both need the same energy."""
        return self.ratio * synop_pj + self.more_pj


def even_line(spiking: Mapping[str, Any], cnn: Mapping[str, Any], idle_mw: float) -> EvenLine:
    """Return at which prices two rows of ``points.csv`` need the same energy."""
    ratio = spiking["operations_per_3000_events"] / cnn["operations_per_3000_events"]
    later_ms = spiking["time_to_exit_ms"] - cnn["time_to_exit_ms"]
    # 1 mW for 1 ms is 1 µJ, or 1e6 pJ.
    more_pj = idle_uj(idle_mw, later_ms) * 1e6 / cnn["operations_per_reading"]
    return EvenLine(float(ratio), float(more_pj))


def verdicts(rows: pd.DataFrame) -> list[Verdict]:
    """Compare one spiking network with every CNN, at each price and idle power.

    Args:
        rows: of ``energy.csv``, of one set, with one spiking network and one row a price and idle
            power of each CNN.
    """
    compared = []
    for _, of_price in rows.groupby(["model", "idle_mw"], sort=False):
        of_spiking = of_price[of_price["side"] == SPIKING]
        for _, cnn in of_price[of_price["side"] == CNN].iterrows():
            for _, spiking in of_spiking.iterrows():
                verdict = Verdict(
                    model=cnn["model"],
                    counts_memory=cnn["kind"] != ARITHMETIC,
                    source=cnn["source"],
                    idle_mw=float(cnn["idle_mw"]),
                    method=cnn["method"],
                    counted=cnn["counted"],
                    spiking_uj=float(spiking[UJ]),
                    cnn_uj=float(cnn[UJ]),
                    turns_at_mw=turning_idle_mw(spiking, cnn),
                )
                compared.append(verdict)
    return compared


def rival_of(rows: pd.DataFrame) -> str | None:
    """Return the method that stands against spiking networks among rows of CNNs; None without one.

    Its MACs count at non-zero inputs.
    """
    known = set(rows.loc[rows["counted"] == NONZERO_MACS, "method"])
    return next((method for method in RIVALS if method in known), None)
