"""From synaptic operations to energy and power."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from pydantic import ConfigDict

from dvs_snn.networks.discretisation import STATE_BITS, WEIGHT_BITS

Amount = TypeVar("Amount", float, pd.Series, np.ndarray)
"""One number, or one for each row of a table or entry of an array."""

ACCUMULATE_PJ = 0.05448
BIT_PJ = 0.25
MEMORY_SYNOP_PJ = ACCUMULATE_PJ + BIT_PJ * (WEIGHT_BITS + 2 * STATE_BITS)
"""An estimate of a SynOp with its memory: an accumulation, and from memory on the chip the bits of
a weight, and of a potential read and written. Source: Yan et al. 2024, arXiv 2409.08290."""


@dataclass(frozen=True)
class EnergyModel:
    """What a synaptic operation and a second of idling cost.

    Attributes:
        energy_per_synop_pj: energy of one SynOp in picojoule.
        static_power_mw: power drawn without any spike, in milliwatt.
    """

    # A name that a rule misspells is refused, as those of a job are.
    __pydantic_config__ = ConfigDict(extra="forbid")

    energy_per_synop_pj: float
    static_power_mw: float = 0.0


def energy_uj(synops: Amount, seconds: Amount | float, model: EnergyModel) -> Amount:
    """Return the energy in microjoule of `synops` operations within `seconds`.

    1 pJ = 1e-6 uJ; 1 mW over 1 s = 1000 uJ.
    """
    return synops * model.energy_per_synop_pj * 1e-6 + model.static_power_mw * seconds * 1e3


def power_mw(synops: Amount, seconds: float, model: EnergyModel) -> Amount:
    """Return the mean power in milliwatt over `seconds`, static power included."""
    return energy_uj(synops, seconds, model) * 1e-3 / seconds
