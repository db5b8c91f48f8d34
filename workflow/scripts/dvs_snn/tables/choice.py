"""``choice.csv``: the point that each rule chooses for each method, and its power."""

import pandas as pd

from dvs_snn.evaluation.choosing.trials import EVENTS
from dvs_snn.evaluation.power import EnergyModel, power_mw
from dvs_snn.files.tables import schema

_POWER = {"power_mw": "synops_per_3000_events", "power_low": "synops_low",
          "power_high": "synops_high"}  # fmt: skip


def choice_table(choice: pd.DataFrame, energy: EnergyModel) -> pd.DataFrame:
    """Return ``choice.csv`` from `choose_points`; power is SynOps per event x events per second."""
    powers = {
        power: power_mw(choice[name] * choice["event_rate_hz"] / EVENTS, 1.0, energy)
        for power, name in _POWER.items()
    }
    return choice.assign(**powers)[list(schema("choice"))]
