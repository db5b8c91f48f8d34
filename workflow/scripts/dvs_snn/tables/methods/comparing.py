"""From the outcomes of all networks to the tables that compare methods."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from dvs_snn.evaluation.choosing.budgets import STATIC_MW, budgets_table
from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.choosing.points import all_points, exit_points
from dvs_snn.evaluation.choosing.trials import read_readings, trials_by_method
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.tables.methods.factors import factors_table
from dvs_snn.tables.methods.front import front_table


def compare_methods(
    outcomes: Sequence[Path],
    exits: Sequence[Path],
    tables: Mapping[str, Path],
    settings: Mapping[str, object],
    outputs: Mapping[str, Path],
) -> None:
    """Write ``budgets.csv``, ``front.csv`` and ``factors.csv``.

    Args:
        outcomes: of every set and network.
        exits: files of their early exits; or none.
        tables: `evaluation`, `choice` as it was chosen, `published`.
        settings: energy_per_synop_pj, static_power_mw, step_ms, seed; methods, by variant.
        outputs: table name -> path.
    """
    energy = EnergyModel(settings["energy_per_synop_pj"], settings["static_power_mw"])
    evaluation = read_table(tables["evaluation"], "evaluation")
    quoted = Quoted.read(tables["choice"])
    published = pd.read_csv(tables["published"], sep="\t")
    trials = trials_by_method(read_readings(outcomes, exits), settings["methods"])
    points = all_points(evaluation, exit_points(trials, energy, settings["step_ms"]))
    statics = sorted({*STATIC_MW, energy.static_power_mw})
    made = {
        "budgets": budgets_table(points, energy.energy_per_synop_pj, statics),
        "front": front_table(points, evaluation, quoted, published, energy),
        "factors": factors_table(trials, quoted, settings["seed"]),
    }
    for name, table in made.items():
        write_table(table, outputs[name], name)
