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


def power(
    power_mw: Any,
    settings: Power,
    at_pj: float | None = None,
    static_mw: float | None = None,
) -> Markup:
    """A power in mW, at the energy of a SynOp in the settings.

    Args:
        at_pj: energy of a SynOp at which it stays; None: it follows the slider.
        static_mw: static power that it holds and keeps; None: that of the settings, which follows
            the slider.
    """
    return energy(power_mw, 1.0, settings, at_pj, static_mw)


def energy(
    energy_uj: Any,
    time_ms: Any,
    settings: Power,
    at_pj: float | None = None,
    static_mw: float | None = None,
) -> Markup:
    """An energy in µJ spent within `time_ms`; all else as in `power`."""
    if not (is_known(energy_uj) and is_known(time_ms)):
        return Markup(NOTHING)
    amount, time = float(energy_uj), float(time_ms)
    of_static = (settings.static_power_mw if static_mw is None else static_mw) * time
    of_pj = (amount - of_static) / settings.energy_per_synop_pj
    data = {"pj": of_pj}
    if at_pj is not None:
        data["at"], amount = at_pj, of_pj * at_pj + of_static
    data |= {"static": time} if static_mw is None else {"plus": of_static}
    return _span(amount, data)


def band(amount: Any, settings: Power, time_ms: Any = 1.0) -> Markup:
    """A power in mW over the band of energies per SynOp, or an energy in µJ spent in `time_ms`.

    It follows the slider of static power.
    """
    if not is_known(amount):
        return Markup(NOTHING)
    return _from_to(*(energy(amount, time_ms, settings, pj) for pj in settings.energy_band_pj))


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
    return power(amount, settings, static_mw=0.0)


def floored(energy_uj: float, time_ms: float, settings: Power) -> Markup:
    """An energy in µJ, or with a time of 1 ms a power in mW, at the floor of Speck's static power.

    It doesn't follow the slider of static power.
    """
    more = (FLOOR_MW - settings.static_power_mw) * time_ms
    return energy(energy_uj + more, time_ms, settings, static_mw=FLOOR_MW)


def synop_pj(settings: Power) -> Markup:
    """The energy of a SynOp in force, with its unit."""
    written = f"{settings.energy_per_synop_pj:g}{NBSP}pJ"
    return Markup('<span class="live-pj">{}</span>').format(written)


def _from_to(low: Markup, high: Markup) -> Markup:
    return Markup("{}{}to{}{}").format(low, NBSP, NBSP, high)


def _span(shown: float, data: Mapping[str, float]) -> Markup:
    written = Markup("").join(
        Markup(' data-{}="{:.9g}"').format(name, value) for name, value in data.items()
    )
    return Markup('<span class="live"{}>{}</span>').format(written, significant(shown))
