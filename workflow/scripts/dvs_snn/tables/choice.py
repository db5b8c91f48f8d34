"""``choice.csv``: the point that each rule chooses for each method, and its power."""

import pandas as pd

from dvs_snn.evaluation.choosing.choice import CHOICE_COLUMNS
from dvs_snn.evaluation.choosing.trials import EVENTS
from dvs_snn.evaluation.power import EnergyModel, power_mw
from dvs_snn.files.tables import Column, subset

_POWER = {"power_mw": "synops_per_3000_events", "power_low": "synops_low",
          "power_high": "synops_high"}  # fmt: skip
_LAST = "n_symbols n_seeds n_draws exit exit_low exit_high stability".split()
_LAST += "synops_per_decision synops_per_decision_low synops_per_decision_high".split()
CHOICE_TABLE = {
    **{key: own for key, own in CHOICE_COLUMNS.items() if key not in (*_LAST, "event_rate_hz")},
    "power_mw": Column("number", "mW", "power of `synops_per_3000_events`, static power included"),
    "power_low": Column("number", "mW", "power of `synops_low`"),
    "power_high": Column("number", "mW", "power of `synops_high`"),
    **subset(CHOICE_COLUMNS, " ".join(_LAST)),
}


def choice_table(choice: pd.DataFrame, energy: EnergyModel) -> pd.DataFrame:
    """Return ``choice.csv`` from `choose_points`; power is SynOps per event x events per second."""
    powers = {
        power: power_mw(choice[name] * choice["event_rate_hz"] / EVENTS, 1.0, energy)
        for power, name in _POWER.items()
    }
    return choice.assign(**powers)[list(CHOICE_TABLE)]
