"""Numbers that follow the page's sliders: powers in mW, energies in µJ, and what is priced in pJ.

Each is an element of class `live`, whose data tell the page's script how to compute it from pJ per
SynOp and static power. Without a script it shows what the settings give.
"""

from collections.abc import Iterable

from markupsafe import Markup

from dvs_snn.report.cells import is_known
from dvs_snn.report.text import NBSP, NOTHING, significant
from dvs_snn.settings.sweep import Power


def power(power_mw: float, settings: Power) -> Markup:
    """A power in mW, at the energy of a SynOp in the settings."""
    return energy(power_mw, 1.0, settings)


def energy(energy_uj: float, time_ms: float, settings: Power) -> Markup:
    """An energy in µJ spent within `time_ms`, static power included."""
    if not (is_known(energy_uj) and is_known(time_ms)):
        return Markup(NOTHING)
    of_static = settings.static_power_mw * float(time_ms)
    per_pj = (float(energy_uj) - of_static) / settings.energy_per_synop_pj
    return _span(energy_uj, pj=per_pj, static=time_ms)


def spread(powers_mw: Iterable[float], settings: Power) -> Markup:
    """A mean power and, for several seeds, the smallest and largest in brackets."""
    known = [float(value) for value in powers_mw if is_known(value)]
    if not known:
        return Markup(NOTHING)
    mean = power(sum(known) / len(known), settings)
    low = power(min(known), settings)
    high = power(max(known), settings)
    if low.striptags() == high.striptags():
        return mean
    return Markup("{} ({}\u00a0to\u00a0{})").format(mean, low, high)


def priced(amount: float, settings: Power) -> Markup:
    """An amount that is proportional to the energy of a SynOp, such as the price of a MAC in pJ."""
    if not is_known(amount):
        return Markup(NOTHING)
    return _span(amount, pj=amount / settings.energy_per_synop_pj)


def synop_pj(settings: Power) -> Markup:
    """The energy of a SynOp in force, with its unit."""
    written = f"{settings.energy_per_synop_pj:g}{NBSP}pJ"
    return Markup('<span class="live-pj">{}</span>').format(written)


def static_mw(settings: Power) -> Markup:
    """The static power in force, with its unit."""
    written = f"{settings.static_power_mw:g}{NBSP}mW"
    return Markup('<span class="live-static">{}</span>').format(written)


def _span(shown: float, **data: float) -> Markup:
    written = "".join(f' data-{name}="{value:.9g}"' for name, value in data.items())
    return Markup('<span class="live"{}>{}</span>').format(Markup(written), significant(shown))
