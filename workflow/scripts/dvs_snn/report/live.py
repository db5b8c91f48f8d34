"""What follows the page's sliders: powers in mW, energies in µJ, prices in pJ, and who is cheaper.

Each is an element whose data tell the page's script what a unit of each slider adds: `data-pj` and
`data-mac` a picojoule per SynOp and per MAC, `data-static` a milliwatt of idle power. Without a
script it shows what the settings give. There a MAC costs as much as a SynOp.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from dvs_snn.report.cells import Row, is_known
from dvs_snn.report.text import NBSP, NOTHING, percent, significant
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


def even_price(spiking: Row, cnn: Row) -> dict[str, float]:
    """At which price of a MAC two rows of `front` cost the same.

    Without idle power a MAC costs as much as `ratio` SynOps. A mW of it adds `per_mw` pJ.
    """
    of_cnn = spent_by(cnn)
    later_ms = spent_by(spiking).time_ms - of_cnn.time_ms
    return {
        "ratio": spiking["synops_per_3000_events"] / cnn["synops_per_3000_events"],
        # 1 mW for 1 ms is 1e6 pJ.
        "per_mw": later_ms * 1e6 / of_cnn.macs,
    }


def energy(spent: Spent, settings: Power) -> Markup:
    """The energy in µJ of a reading by either side."""
    return _span(spent.energy_uj(settings), **spent.slopes)


def saved(spent: Spent, whole: Spent, settings: Power) -> Markup:
    """The share of the energy of a whole reading that another one saves, in whole per cent."""
    share = 1 - spent.energy_uj(settings) / whole.energy_uj(settings)
    slopes = spent.slopes | {f"whole_{name}": value for name, value in whole.slopes.items()}
    return Markup('<span class="live-saved"{}>{}</span>').format(
        _data(slopes), percent(share, digits=0)
    )


def cheaper(spiking: Spent, cnn: Spent, settings: Power) -> Markup:
    """Which side takes less energy."""
    sides = ("the spiking network", "the CNN")
    more = {name: slope - cnn.slopes[name] for name, slope in spiking.slopes.items()}
    is_spiking = spiking.energy_uj(settings) < cnn.energy_uj(settings)
    shown = sides[0] if is_spiking else sides[1]
    return Markup('<span class="live-cheaper"{} data-spiking="{}" data-cnn="{}">{}</span>').format(
        _data(more), *sides, shown
    )


def power(power_mw: float, settings: Power) -> Markup:
    """A power in mW, static power included, at the energy of a SynOp in the settings."""
    per_pj = (power_mw - settings.static_power_mw) / settings.energy_per_synop_pj
    return _span(power_mw, pj=per_pj, static=1.0)


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


def priced(amount_pj: float, per_mw: float, settings: Power) -> Markup:
    """A price in pJ that is proportional to that of a SynOp; a mW of idle power adds `per_mw`."""
    shown = amount_pj + per_mw * settings.static_power_mw
    return _span(shown, pj=amount_pj / settings.energy_per_synop_pj, static=per_mw)


def setting(slider: str, price: float, unit: str) -> Markup:
    """The price that a slider sets, with its unit."""
    return Markup('<span class="live-{}">{:g}{}{}</span>').format(slider, price, NBSP, unit)


def _span(shown: float, **slopes: float) -> Markup:
    return Markup('<span class="live"{}>{}</span>').format(_data(slopes), significant(shown))


def _data(slopes: Mapping[str, float]) -> Markup:
    """The attributes that hold what a unit of each slider adds; one that adds nothing has none."""
    written = [f' data-{name}="{slope:.9g}"' for name, slope in slopes.items() if slope]
    return Markup("".join(written))
