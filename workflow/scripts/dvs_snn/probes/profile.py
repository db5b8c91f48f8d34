"""What the calibration can tell: for each parameter the range in which all of its checks hold.

One parameter is changed at a time, from its value away, until a check fails. A range that holds
every value tried says that the real recordings don't determine the parameter.
"""

import copy
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.tables import schema
from dvs_snn.probes.quantities import TOLERANCES, Quantities, by_scale

SMALLER = (0.95, 0.9, 0.75, 0.5)
LARGER = (1.05, 1.1, 1.33, 2.0, 4.0)
"""Factors on a parameter's value, from it away; where a part can be off, 0 follows."""


@dataclass(frozen=True)
class Parameter:
    """A parameter that the profile changes.

    Attributes:
        section: ``sensor`` or ``scene``.
        key: in the settings of the sensor or the scene. All numbers of a list or a mapping change
            by one factor.
        can_be_off: whether 0 means something. A threshold of 0 doesn't.
        off_is_highest: whether 0 stands for the largest value: a cutoff of 0 is infinitely fast.
    """

    section: str
    key: str
    can_be_off: bool = True
    off_is_highest: bool = False

    def factors(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the smaller and the larger factors, each from the value away."""
        off = (0.0,) if self.can_be_off else ()
        return (SMALLER, LARGER + off) if self.off_is_highest else (SMALLER + off, LARGER)


PARAMETERS = (
    Parameter("sensor", "threshold_on", can_be_off=False),
    Parameter("sensor", "threshold_off", can_be_off=False),
    Parameter("sensor", "mismatch"),
    Parameter("sensor", "cutoff_hz", off_is_highest=True),
    Parameter("sensor", "refractory_us"),
    Parameter("sensor", "leak_hz"),
    Parameter("sensor", "shot_noise_hz"),
    Parameter("sensor", "knee", can_be_off=False),
    Parameter("scene", "background", can_be_off=False),
    Parameter("scene", "blur_px"),
    Parameter("scene", "magnification", can_be_off=False),
    Parameter("scene", "amplitude_px", can_be_off=False),
    Parameter("scene", "period_s", can_be_off=False),
    Parameter("scene", "flicker_depth"),
    Parameter("scene", "response_ms"),
)


def profile_table(
    simulation: Mapping,
    scene: str,
    nominal: pd.DataFrame,
    measured: Callable[[Mapping], Mapping[int, Sequence[Quantities]]],
    progress: Progress,
) -> pd.DataFrame:
    """Return ``profile.csv``: the range of each parameter in which the calibration holds.

    A changed sensor or scene sees few zeros, so the median over them would add noise to the
    checks. The profile takes each zero's own change instead: `ours` of the calibration, times the
    median over the zeros of (changed / unchanged).

    Args:
        simulation: the config's section, with the scene and its sensor.
        nominal: the table of the calibration.
        measured: simulates the zeros under changed settings and measures them: the quantities of
            each scale, always of the same zeros in the same order.

    Returns:
        One row a parameter of :data:`PARAMETERS` that the settings have and that isn't off, with
        the columns of the table `profile`. Checks that fail already don't count.
    """
    checks = nominal[nominal["verdict"] == "reproduced"]
    if checks.empty:
        return pd.DataFrame(columns=list(schema("profile")))
    unchanged = by_scale(measured(simulation))
    n = min(len(of_scale) for of_scale in unchanged.values())
    found = [
        parameter
        for parameter in PARAMETERS
        if _settings(simulation, scene, parameter).get(parameter.key)
    ]

    def failing(parameter: Parameter, factor: float) -> str:
        changed = by_scale(measured(with_factor(simulation, scene, parameter, factor)))
        return "; ".join(_failing(checks, unchanged, changed))

    rows = []
    with progress.bar(len(found), "parameter", "profile") as bar:
        for parameter in found:
            value = _settings(simulation, scene, parameter)[parameter.key]
            single = value if isinstance(value, int | float) else math.nan
            smaller, larger = parameter.factors()
            low, fails_below = _range_end(smaller, partial(failing, parameter))
            high, fails_above = _range_end(larger, partial(failing, parameter))
            rows.append(
                (parameter.section, parameter.key, single, low, high, fails_below, fails_above, n)
            )
            bar.advance(1)
    return pd.DataFrame(rows, columns=list(schema("profile")))


def _range_end(factors: Sequence[float], failing: Callable[[float], str]) -> tuple[float, str]:
    """Return the last factor, from 1 away, at which no check fails, and what fails at the next."""
    end = 1.0
    for factor in factors:
        found = failing(factor)
        if found:
            return end, found
        end = factor
    return end, ""


def with_factor(simulation: Mapping, scene: str, parameter: Parameter, factor: float) -> dict:
    """Return the settings with one parameter of a scene, or of its sensor, times a factor."""
    changed = copy.deepcopy(dict(simulation))
    own = _settings(changed, scene, parameter)
    own[parameter.key] = _times(own[parameter.key], factor)
    return changed


def _times(value: object, factor: float) -> object:
    if isinstance(value, Mapping):
        return {key: _times(inner, factor) for key, inner in value.items()}
    if isinstance(value, list):
        return [_times(inner, factor) for inner in value]
    return value * factor


def _settings(simulation: Mapping, scene: str, parameter: Parameter) -> dict:
    own = simulation["scenes"][scene]
    return own if parameter.section == "scene" else simulation["sensors"][own["sensor"]]


def _failing(
    checks: pd.DataFrame,
    unchanged: Mapping[int, pd.DataFrame],
    changed: Mapping[int, pd.DataFrame],
) -> Iterator[str]:
    """Name the checks that the changed recordings fail."""
    for row in checks.itertuples():
        before, after = (of[row.scale][row.quantity] for of in (unchanged, changed))
        change = (after / before).median()
        if not TOLERANCES[row.quantity].accepts(row.real, row.ours * change):
            yield f"{row.quantity} at {row.scale}"
