"""The table on idling: what noise alone costs, and how often it passes for a digit."""

import pandas as pd
from scipy import stats

from dvs_snn.evaluation.power import EnergyModel, power_mw
from dvs_snn.files.tables import schema


def poisson_interval(count: int) -> tuple[float, float]:
    """Return the exact 95 % interval of the mean of a Poisson count.

    Source: Garwood 1936, Biometrika 28:437.
    """
    low = stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return float(low), float(stats.chi2.ppf(0.975, 2 * count + 2) / 2)


def idle_table(outcomes: pd.DataFrame, energy: EnergyModel) -> pd.DataFrame:
    """Return ``idle.csv`` from the rows of `idle_outcomes` of all networks."""
    seconds = outcomes["seconds"]
    per_s = outcomes["synops"] / seconds
    ends = [poisson_interval(count) for count in outcomes["false_alarms"]]
    low, high = zip(*ends, strict=True)
    table = outcomes.assign(
        events_per_s=outcomes["n_events"] / seconds,
        synops_per_s=per_s,
        power_mw=power_mw(per_s, 1.0, energy),
        output_spikes_per_min=outcomes["output_spikes"] * 60 / seconds,
        false_alarms_per_min=outcomes["false_alarms"] * 60 / seconds,
        false_alarms_per_min_low=pd.Series(low, index=outcomes.index) * 60 / seconds,
        false_alarms_per_min_high=pd.Series(high, index=outcomes.index) * 60 / seconds,
    )
    return table[list(schema("idle"))]
