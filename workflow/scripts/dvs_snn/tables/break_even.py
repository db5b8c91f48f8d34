"""Spiking network or CNN: the price of a MAC from which on the spiking network is cheaper.

On the same events the spiking network needs S SynOps and the CNN M MACs. At equal energy a MAC
costs S / M SynOps. So the spiking network is cheaper if a MAC costs more than S / M times the
energy of a SynOp. Only energies that count the same things can be compared: arithmetic with
arithmetic, a whole chip with a whole chip.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from dvs_snn.files.tables import schema
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.chips import ADDITION, MAC

SPIKING, CNN = "spiking network", "CNN"
STUDY_PRICE, LOW_PRICE, HIGH_PRICE = "the study's", "lowest of the band", "highest of the band"

POINT = ("set", "method", "variant", "scale")
"""Columns that name a point on a set."""

_SYNOPS, _MACS = "synops_per_3000_events", "ann_macs_per_3000_events"


def quoted_points(evaluation: pd.DataFrame) -> Iterator[tuple[dict[str, object], pd.DataFrame]]:
    """Yield `POINT` and `n_seeds` of each quoted point, and its rows of ``evaluation.csv``.

    Validation, which chose the points, has none.
    """
    is_quoted = (evaluation["chosen"] == 1).fillna(False) & (evaluation["set"] != VALIDATION)
    for point, seeds in evaluation[is_quoted].groupby(list(POINT), sort=False):
        yield dict(zip(POINT, point, strict=True)) | {"n_seeds": len(seeds)}, seeds


class Price(NamedTuple):
    """What a SynOp is taken to cost, and the MAC that it is held against, in picojoule."""

    name: str
    synop_pj: float
    mac_pj: float


def prices(power: Power, chips: pd.DataFrame) -> list[Price]:
    """Return the prices that every point is judged at; `chips` are `published_chips`.

    The study's energy of a SynOp and the ends of its band are held against a float32 MAC. For each
    number format an addition, the arithmetic of a SynOp, is held against the MAC of that format.
    """
    macs, additions = (
        chips[chips["kind"] == kind].set_index("chip")["pj_per_op"] for kind in (MAC, ADDITION)
    )
    energies = (power.energy_per_synop_pj, *power.energy_band_pj)
    of_study = zip((STUDY_PRICE, LOW_PRICE, HIGH_PRICE), map(float, energies), strict=True)
    return [
        *(Price(name, synop, macs.max()) for name, synop in of_study),
        *(Price(name, additions[name], macs[name]) for name in additions.index),
    ]


def break_even_table(evaluation: pd.DataFrame, power: Power, chips: pd.DataFrame) -> pd.DataFrame:
    """Return ``break_even.csv``: a row per quoted point, set and price; none without CNN frames."""
    rows = []
    for point, seeds in quoted_points(evaluation[evaluation[_MACS] > 0]):
        ratios = seeds[_SYNOPS].astype(float) / seeds[_MACS].astype(float)
        synops, macs = seeds[[_SYNOPS, _MACS]].astype(float).mean()
        about = point | {
            _SYNOPS: synops,
            _MACS: macs,
            "synops_per_mac": synops / macs,
            "synops_per_mac_low": ratios.min(),
            "synops_per_mac_high": ratios.max(),
        }
        for price in prices(power, chips):
            breakeven_pj = price.synop_pj * synops / macs
            judged = {
                "price": price.name,
                "synop_pj": price.synop_pj,
                "breakeven_mac_pj": breakeven_pj,
                "mac_pj": price.mac_pj,
                "cheaper": SPIKING if price.mac_pj > breakeven_pj else CNN,
            }
            rows.append(about | judged)
    return pd.DataFrame(rows, columns=schema("break_even"))
