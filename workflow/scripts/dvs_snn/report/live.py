"""Numbers that follow the page's sliders: powers in mW, energies in µJ, and what is priced in pJ.

Each is an element of class `live`, whose data tell the page's script how to compute it from pJ per
SynOp and static power. Without a script it shows what the settings give.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from dvs_snn.report.cells import is_known
from dvs_snn.report.text import NBSP, NOTHING, significant
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.budgets import STATIC_MW

FLOOR_MW = max(STATIC_MW)


def power(power_mw: Any, settings: Power) -> Markup:
    """A power in mW, at the energy of a SynOp in the settings."""
    return energy(power_mw, 1.0, settings)


def energy(energy_uj: Any, time_ms: Any, settings: Power) -> Markup:
    """An energy in µJ spent within `time_ms`, static power included."""
    if not (is_known(energy_uj) and is_known(time_ms)):
        return Markup(NOTHING)
    of_static = settings.static_power_mw * float(time_ms)
    per_pj = (float(energy_uj) - of_static) / settings.energy_per_synop_pj
    return _span(float(energy_uj), {"pj": per_pj, "static": float(time_ms)})


def spread(powers_mw: Iterable[Any], settings: Power) -> Markup:
    """A mean power and, for several seeds, the smallest and largest in brackets."""
    known = [float(value) for value in powers_mw if is_known(value)]
    if not known:
        return Markup(NOTHING)
    mean, low, high = (
        power(value, settings) for value in (sum(known) / len(known), min(known), max(known))
    )
    if low.striptags() == high.striptags():
        return mean
    return Markup("{} ({})").format(mean, _from_to(low, high))


def priced(amount: Any, settings: Power) -> Markup:
    """An amount that is proportional to the energy of a SynOp, such as the price of a MAC in pJ."""
    if not is_known(amount):
        return Markup(NOTHING)
    return _span(float(amount), {"pj": float(amount) / settings.energy_per_synop_pj})


def synop_pj(settings: Power) -> Markup:
    """The energy of a SynOp in force, with its unit."""
    written = f"{settings.energy_per_synop_pj:g}{NBSP}pJ"
    return Markup('<span class="live-pj">{}</span>').format(written)


def static_mw(settings: Power) -> Markup:
    """The static power in force, with its unit."""
    written = f"{settings.static_power_mw:g}{NBSP}mW"
    return Markup('<span class="live-static">{}</span>').format(written)


def _from_to(low: Markup, high: Markup) -> Markup:
    return Markup("{}{}to{}{}").format(low, NBSP, NBSP, high)


def _span(shown: float, data: Mapping[str, float]) -> Markup:
    written = Markup("").join(
        Markup(' data-{}="{:.9g}"').format(name, value) for name, value in data.items()
    )
    return Markup('<span class="live"{}>{}</span>').format(written, significant(shown))
