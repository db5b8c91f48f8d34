"""From synaptic operations to energy and power."""

from dataclasses import dataclass

import pandas as pd

Amount = float | pd.Series
"""One number, or one for each row of a table."""


@dataclass(frozen=True)
class EnergyModel:
    """What a synaptic operation and a second of idling cost.

    Attributes:
        energy_per_synop_pj: energy of one SynOp in picojoule.
        static_power_mw: power drawn without any spike, in milliwatt.
    """

    energy_per_synop_pj: float
    static_power_mw: float = 0.0


def energy_uj(synops: Amount, seconds: Amount, model: EnergyModel) -> Amount:
    """Return the energy in microjoule of `synops` operations within `seconds`.

    1 pJ = 1e-6 uJ; 1 mW over 1 s = 1000 uJ.
    """
    return synops * model.energy_per_synop_pj * 1e-6 + model.static_power_mw * seconds * 1e3


def power_mw(synops: Amount, seconds: float, model: EnergyModel) -> Amount:
    """Return the mean power in milliwatt over `seconds`, static power included."""
    if seconds <= 0:
        raise ValueError(f"seconds is {seconds}, expected a positive duration")
    return energy_uj(synops, seconds, model) * 1e-3 / seconds
