"""What the calibration can tell: for each parameter the range in which all of its checks hold.

One parameter is changed at a time, from its value away, until a check fails. A range that holds
every value tried says that the real recordings don't determine the parameter.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.tables import read_table
from dvs_snn.probes.probe import Probe, Row, Value, rows_of
from dvs_snn.settings.simulation_settings import SceneSettings

SMALLER = (0.95, 0.9, 0.75, 0.5)
LARGER = (1.05, 1.1, 1.33, 2.0, 4.0)
"""Factors on a parameter's value, from it away; where a part can be off, 0 follows."""

SCENE = "mnist-dvs"

PROBE = Probe(
    "What the calibration determines",
    "What can so few real recordings determine? We change one parameter of the simulated sensor or "
    "scene at a time, as a factor on its value, until a check of the calibration fails (on n = "
    "{zeros} digits a size). Where none fails on either side, other values would fit as well. For "
    "a cutoff 0 is the largest factor: infinitely fast.",
    {
        "setting": ("that of the parameter", "the study's value; empty if it has several"),
        "lowest_factor": (
            "factor on the value",
            "the smallest at which all checks hold; `why`: those that fail "
            "at the next smaller one, as `quantity at scale`",
        ),
        "highest_factor": (
            "factor on the value",
            "likewise the largest; for a cutoff 0 is the largest",
        ),
        "zeros": ("symbols", "digits that each value was tried on, in each size"),
    },
)


class Parameter(NamedTuple):
    """A parameter that the profile changes.

    Attributes:
        section: ``sensor`` or ``scene``.
        key: in the settings of the sensor or the scene.
        zero: what 0 is: the ``lowest`` value, the ``highest`` (a cutoff of 0 is infinitely fast),
            or "" where it means nothing (a threshold).
    """

    section: str
    key: str
    zero: str = "lowest"


PARAMETERS = (
    Parameter("sensor", "threshold_on", zero=""),
    Parameter("sensor", "threshold_off", zero=""),
    Parameter("sensor", "mismatch"),
    Parameter("sensor", "cutoff_hz", zero="highest"),
    Parameter("sensor", "refractory_us"),
    Parameter("sensor", "leak_hz"),
    Parameter("sensor", "shot_noise_hz"),
    Parameter("sensor", "knee", zero=""),
    Parameter("scene", "stroke", zero=""),
    Parameter("scene", "sharpness", zero=""),
    Parameter("scene", "blur_px"),
    Parameter("scene", "magnification", zero=""),
    Parameter("scene", "corners", zero=""),
    Parameter("scene", "scan"),
    Parameter("scene", "response_ms"),
)


@dataclass(frozen=True)
class MeasureJob:
    """What the probe reads.

    Attributes:
        real: the shipped figures of real recordings.
        calibration: the table of that name.
        mnist_dvs: what simulates slow recordings.
        zeros: symbols of a size that are shown.
    """

    symbols: Path
    real: Path
    calibration: Path
    mnist_dvs: SceneSettings
    zeros: int
    study_seed: int


def measure(job: MeasureJob, progress: Progress) -> list[Row]:
    """Change each parameter until a check of the calibration fails."""
    from dvs_snn.probes.calibration import measured_symbols, read_real_quantities
    from dvs_snn.simulation.symbols import read_symbols

    if not job.zeros:
        return []
    symbols = read_symbols(job.symbols)
    real = read_real_quantities(job.real)
    nominal = read_table(job.calibration, "calibration")
    measured = partial(measured_symbols, symbols, job.zeros, real=real, seed=job.study_seed)
    return profile_rows(job.mnist_dvs, nominal, measured, progress)


def profile_rows(
    settings: SceneSettings,
    nominal: pd.DataFrame,
    measured: Callable[[SceneSettings], pd.DataFrame],
    progress: Progress,
) -> list[Row]:
    """Return the range of each parameter in which the calibration holds.

    A changed sensor or scene sees few symbols, so the median over them would add noise to the
    checks. The profile takes each symbol's own change instead: `ours` of the calibration, times the
    median over the symbols of (changed / unchanged).

    Args:
        nominal: the table of the calibration; checks that fail already don't count.
        measured: simulates symbols under changed settings and measures them: `scale` and the
            quantities, always of the same symbols in the same order.

    Returns:
        Rows of each of the `PARAMETERS` that isn't off.
    """
    checks = nominal[nominal["verdict"] == "reproduced"]
    if checks.empty:
        return []
    unchanged = measured(settings)
    n = unchanged["scale"].value_counts().min()
    sections = {"sensor": settings.sensor_of(SCENE), "scene": settings.scenes[SCENE]}
    parameters = {each: getattr(sections[each.section], each.key) for each in PARAMETERS}
    parameters = {parameter: value for parameter, value in parameters.items() if value}

    def failing(parameter: Parameter, factor: float) -> str:
        factors = {parameter.key: factor}
        if parameter.section == "sensor":
            changed = measured(settings.with_factors(SCENE, factors, {}))
        else:
            changed = measured(settings.with_factors(SCENE, {}, factors))
        return _failing_checks(checks, unchanged, changed)

    rows = []
    with progress.bar(len(parameters), "parameter", "profile") as bar:
        for parameter, value in parameters.items():
            smaller = (*SMALLER, 0.0) if parameter.zero == "lowest" else SMALLER
            larger = (*LARGER, 0.0) if parameter.zero == "highest" else LARGER
            lowest, below = _end(smaller, partial(failing, parameter))
            highest, above = _end(larger, partial(failing, parameter))
            values = [
                Value("setting", value if isinstance(value, int | float) else math.nan),
                Value("lowest_factor", lowest, why=below),
                Value("highest_factor", highest, why=above),
                Value("zeros", n),
            ]
            rows += rows_of(PROBE, values, (parameter.section, parameter.key), SCENE)
            bar.advance(1)
    return rows


def _failing_checks(checks: pd.DataFrame, unchanged: pd.DataFrame, changed: pd.DataFrame) -> str:
    """Return the checks that fail after a change, as ``quantity at size``; "" if all hold."""
    from dvs_snn.probes.calibration import QUANTITIES

    change = (changed / unchanged).groupby(unchanged["scale"]).median()
    fails = []
    for row in checks.itertuples():
        ours = row.ours * change.at[row.scale, row.quantity]
        if not QUANTITIES[row.quantity].tolerance.accepts(row.real, ours):
            fails.append(f"{row.quantity} at {row.scale}")
    # Both halves of the real files may fail.
    return "; ".join(dict.fromkeys(fails))


def _end(factors: Sequence[float], failing: Callable[[float], str]) -> tuple[float, str]:
    """Return the last factor, from 1 away, at which no check fails, and what fails at the next."""
    end = 1.0
    for factor in factors:
        if fails := failing(factor):
            return end, fails
        end = factor
    return end, ""
