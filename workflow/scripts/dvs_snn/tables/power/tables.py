"""Writes the tables on energy: ``chips.csv``, ``costs.csv`` and ``break_even.csv``."""

from collections.abc import Mapping
from pathlib import Path

from dvs_snn.files.tables import read_table, write_table
from dvs_snn.tables.power.break_even import break_even_table
from dvs_snn.tables.power.chips import chips_table, read_chips
from dvs_snn.tables.power.costs import costs_table


def write_power_tables(
    evaluation_path: Path, chips_path: Path, power: Mapping, outputs: Mapping[str, Path]
) -> None:
    """Write the tables on energy; `outputs` has the paths of `chips`, `costs` and `break_even`."""
    evaluation = read_table(evaluation_path, "evaluation")
    chips = read_chips(chips_path)
    write_table(chips_table(chips, power["energy_band_pj"]), outputs["chips"], "chips")
    write_table(costs_table(evaluation, power, chips), outputs["costs"], "costs")
    write_table(break_even_table(evaluation, power, chips), outputs["break_even"], "break_even")
