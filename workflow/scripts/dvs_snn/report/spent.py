"""What readings spend at the study's prices. A MAC costs as much as a SynOp."""

import pandas as pd

from dvs_snn.analysis.power import Amount, EnergyModel, energy_uj
from dvs_snn.report.cells import Row
from dvs_snn.settings.sweep import Power


def priced(operations: Amount, time_ms: Amount | float, power: Power) -> Amount:
    """The energy in µJ of operations, with static power for a time."""
    model = EnergyModel(power.energy_per_synop_pj, power.static_power_mw)
    return energy_uj(operations, 1e-3 * time_ms, model)


def spent_by(row: Row, power: Power) -> float:
    """The energy in µJ of a reading of a row of `front` or `exits`, as a mean."""
    return priced(float(row["synops_per_reading"]), float(row["time_to_exit_ms"]), power)


def with_energy(rows: pd.DataFrame, power: Power) -> pd.DataFrame:
    """Rows of `front` with the energy `uj` of a reading."""
    return rows.assign(uj=priced(rows["synops_per_reading"], rows["time_to_exit_ms"], power))


def even_price(spiking: Row, cnn: Row, static_mw: float) -> tuple[float, float]:
    """At which price of a MAC two rows of `front` cost the same.

    Returns:
        ratio: how many SynOps cost as much as a MAC, without static power.
        more_pj: what static power adds to that price, since both stop at different times.
    """
    later_ms = spiking["time_to_exit_ms"] - cnn["time_to_exit_ms"]
    ratio = spiking["synops_per_3000_events"] / cnn["synops_per_3000_events"]
    # 1 mW for 1 ms is 1e6 pJ.
    return ratio, static_mw * later_ms * 1e6 / cnn["synops_per_reading"]
