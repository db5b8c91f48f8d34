"""From the outcomes of all networks to the tables that compare methods."""

from pathlib import Path

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.choosing.points import all_points, exit_points
from dvs_snn.evaluation.choosing.trials import read_readings, trials_by_method
from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.files.tables import read_table, write_table
from dvs_snn.tables.budgets import STATIC_MW, budgets_table
from dvs_snn.tables.comparison import read_published
from dvs_snn.tables.factors import factors_table
from dvs_snn.tables.front import front_table


def compare_methods(
    outcomes: list[Path],
    exits: list[Path],
    evaluation: Path,
    choice: Path,
    published: Path,
    energy: EnergyModel,
    step_ms: float,
    methods: dict[str, str],
    seed: int,
    outputs: dict[str, Path],
) -> None:
    """Write ``budgets.csv``, ``front.csv`` and ``factors.csv``.

    Args:
        outcomes, exits: of every set and network; exits may be none.
        methods: the method of each variant.
        outputs: table name -> path.
    """
    evaluated, quoted = read_table(evaluation, "evaluation"), Quoted.read(choice)
    trials = trials_by_method(read_readings(outcomes, exits), methods)
    points = all_points(evaluated, exit_points(trials, energy, step_ms))
    statics = sorted({*STATIC_MW, energy.static_power_mw})
    tables = {
        "budgets": budgets_table(points, energy.energy_per_synop_pj, statics),
        "front": front_table(points, evaluated, quoted, read_published(published), energy),
        "factors": factors_table(trials, quoted, seed),
    }
    for name, table in tables.items():
        write_table(table, outputs[name], name)
