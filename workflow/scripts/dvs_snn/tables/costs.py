"""What it costs to read a digit: ``costs.csv``, our points beside published chips.

Two energies of one point stand side by side. The energy of a recording is that of all its events.
The energy of a decision ends where the reading no longer changes; that moment is known only
afterwards, unless the network itself stops there.
"""

from pathlib import Path

import pandas as pd

from dvs_snn.evaluation.power import EnergyModel, energy_uj, power_mw
from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.settings.sweep import Power
from dvs_snn.settings.training import SYNOPS_EVENTS
from dvs_snn.tables.break_even import break_even_table, quoted_points
from dvs_snn.tables.budgets import STATIC_MW
from dvs_snn.tables.chips import DIGITS, chips_table, read_chips

OURS, PUBLISHED = "ours", "published"

_MEANS = ("accuracy", "event_rate_hz", "synops_per_recording", "synops_per_3000_events",
          "time_to_decision_ms")  # fmt: skip

_ENERGIES = (("power_mw", "energy_per_decision_uj"), ("power_low", "decision_low"),
             ("power_high", "decision_high"))  # fmt: skip
"""Columns of power and of energy per decision: at the study's energy, at the ends of its band."""


def _our_rows(evaluation: pd.DataFrame, power: Power) -> list[dict[str, object]]:
    energies_pj = (power.energy_per_synop_pj, *power.energy_band_pj)
    rows = []
    for point, seeds in quoted_points(evaluation):
        mean = {name: float(seeds[name].astype(float).mean()) for name in _MEANS}
        n_symbols = int(seeds["n_symbols"].max())
        low, high = wilson_interval(mean["accuracy"], n_symbols)
        per_s = mean["synops_per_3000_events"] / SYNOPS_EVENTS * mean["event_rate_hz"]
        seconds = mean["synops_per_recording"] / per_s if per_s else float("nan")
        about = {
            "kind": OURS,
            **point,
            **mean,
            "n_symbols": n_symbols,
            "accuracy_low": low,
            "accuracy_high": high,
            "recording_ms": seconds * 1e3,
            "source": "",
            "note": "",
        }
        for static in sorted({*STATIC_MW, float(power.static_power_mw)}):
            row = about | {"static_mw": static}
            for energy_pj, (power_name, decision_name) in zip(energies_pj, _ENERGIES, strict=True):
                row[power_name] = power_mw(per_s, 1.0, EnergyModel(energy_pj, static))
                row[decision_name] = row[power_name] * mean["time_to_decision_ms"]
            model = EnergyModel(energies_pj[0], static)
            row["energy_per_recording_uj"] = energy_uj(mean["synops_per_recording"], seconds, model)
            rows.append(row)
    return rows


def costs_table(evaluation: pd.DataFrame, power: Power, chips: pd.DataFrame) -> pd.DataFrame:
    """Return ``costs.csv``: a row per quoted point, set and static power, then `published_chips`.

    The study's static power stands beside none and Speck's floor.
    """
    published = [
        {
            "kind": PUBLISHED,
            "set": row.network,
            "method": row.chip,
            "variant": "",
            "accuracy": row.accuracy,
            "energy_per_decision_uj": row.energy_uj,
            "source": row.source,
            "note": row.note,
        }
        for row in chips[chips["kind"] == DIGITS].itertuples()
    ]
    return pd.DataFrame([*_our_rows(evaluation, power), *published], columns=schema("costs"))


def write_costs(
    evaluation: Path, published_chips: Path, power: Power, outputs: dict[str, Path]
) -> None:
    """Write the tables on energy; `outputs` has the paths of `chips`, `costs` and `break_even`."""
    evaluated, chips = read_table(evaluation, "evaluation"), read_chips(published_chips)
    tables = {
        "chips": chips_table(chips, power.energy_band_pj),
        "costs": costs_table(evaluated, power, chips),
        "break_even": break_even_table(evaluated, power, chips),
    }
    for name, table in tables.items():
        write_table(table, outputs[name], name)
