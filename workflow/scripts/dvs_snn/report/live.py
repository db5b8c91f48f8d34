"""What follows the page's sliders: powers in mW, energies in µJ, prices in pJ, and who is cheaper.

Each is an element whose data tell the page's script what a unit of each slider adds: `data-pj` and
`data-mac` a picojoule per SynOp and per MAC, `data-static` a milliwatt of idle power. Without a
script it shows what the settings give. There a MAC costs as much as a SynOp.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from dvs_snn.report.cells import Row, is_known
from dvs_snn.report.text import NBSP, NOTHING, significant, whole_percent
from dvs_snn.settings.sweep import Power


@dataclass(frozen=True)
class Spent:
    """What a reading spends: operations, and the time in ms until the network stops."""

    synops: float = 0.0
    macs: float = 0.0
    time_ms: float = 0.0

    @property
    def slopes(self) -> dict[str, float]:
        """What a unit of each slider adds to its energy in µJ."""
        return {"pj": self.synops * 1e-6, "mac": self.macs * 1e-6, "static": self.time_ms}

    def energy_uj(self, settings: Power) -> float:
        """Its energy at the prices of the settings."""
        of_operations = (self.synops + self.macs) * settings.energy_per_synop_pj * 1e-6
        return of_operations + settings.static_power_mw * self.time_ms


def spent_by(row: Row) -> Spent:
    """What a reading of a row of `front` or `exits` spends, as a mean."""
    time_ms = row["time_to_exit_ms"]
    if not is_known(time_ms):
        time_ms = row["recording_ms"]
    operations = row["synops_per_reading"]
    if is_known(row.get("macs")):
        return Spent(macs=operations, time_ms=time_ms)
    return Spent(synops=operations, time_ms=time_ms)


def even_price_per_mw(spiking: Row, cnn: Row) -> float:
    """By how many pJ a mW of idle power raises the price of a MAC at which both cost the same.

    Both are rows of `front`. 1 mW for 1 ms is 1e6 pJ.
    """
    of_cnn = spent_by(cnn)
    later_ms = spent_by(spiking).time_ms - of_cnn.time_ms
    return later_ms * 1e6 / of_cnn.macs


def energy_of(spent: Spent, settings: Power) -> Markup:
    """The energy in µJ of a reading by either side."""
    return _span(spent.energy_uj(settings), **spent.slopes)


def saved(spent: Spent, whole: Spent, settings: Power) -> Markup:
    """The share of the energy of a whole reading that another one saves, in whole per cent."""
    share = 1 - spent.energy_uj(settings) / whole.energy_uj(settings)
    slopes = spent.slopes | {f"whole_{name}": value for name, value in whole.slopes.items()}
    return Markup('<span class="live-saved"{}>{}</span>').format(
        _data(slopes), whole_percent(share)
    )


def cheaper(spiking: Spent, cnn: Spent, settings: Power) -> Markup:
    """Which side takes less energy."""
    names = {"spiking": "the spiking network", "cnn": "the CNN"}
    is_spiking = spiking.energy_uj(settings) < cnn.energy_uj(settings)
    of_cnn = cnn.slopes
    more = {name: slope - of_cnn[name] for name, slope in spiking.slopes.items()}
    words = Markup(' data-spiking="{spiking}" data-cnn="{cnn}"').format(**names)
    shown = names["spiking" if is_spiking else "cnn"]
    return Markup('<span class="live-cheaper"{}{}>{}</span>').format(_data(more), words, shown)


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


def priced(amount_pj: float, settings: Power, per_mw: float = 0.0) -> Markup:
    """A price in pJ that is proportional to that of a SynOp; a mW of idle power adds `per_mw`."""
    if not is_known(amount_pj):
        return Markup(NOTHING)
    shown = amount_pj + per_mw * settings.static_power_mw
    return _span(shown, pj=amount_pj / settings.energy_per_synop_pj, static=per_mw)


def synop_pj(settings: Power) -> Markup:
    """The energy of a SynOp in force, with its unit."""
    written = f"{settings.energy_per_synop_pj:g}{NBSP}pJ"
    return Markup('<span class="live-pj">{}</span>').format(written)


def mac_pj(settings: Power) -> Markup:
    """The energy of a MAC in force, with its unit; a study's MAC costs as much as its SynOp."""
    written = f"{settings.energy_per_synop_pj:g}{NBSP}pJ"
    return Markup('<span class="live-mac">{}</span>').format(written)


def static_mw(settings: Power) -> Markup:
    """The static power in force, with its unit."""
    written = f"{settings.static_power_mw:g}{NBSP}mW"
    return Markup('<span class="live-static">{}</span>').format(written)


def _span(shown: float, **slopes: float) -> Markup:
    return Markup('<span class="live"{}>{}</span>').format(_data(slopes), significant(shown))


def _data(slopes: Mapping[str, float]) -> Markup:
    """The attributes that hold what a unit of each slider adds; one that adds nothing has none."""
    written = [f' data-{name}="{slope:.9g}"' for name, slope in slopes.items() if slope]
    return Markup("".join(written))
