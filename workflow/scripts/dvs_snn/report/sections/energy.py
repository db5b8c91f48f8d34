"""Spiking or CNN: at which price of a MAC both cost the same, and what a SynOp costs on chips."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.networks.synops import DENSE, IN_8_BITS, NONZERO
from dvs_snn.report import live, text
from dvs_snn.report.cells import answer_sets, flagged
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.sweep import Power
from dvs_snn.tables.costs import (
    ADDITION,
    CHIP_MAC,
    MAC,
    MEASURED,
    OURS,
    POINT,
    PUBLISHED,
    STUDY_PRICE,
    SYNOP_KINDS,
    WITHIN,
)

_COST = "synops_per_3000_events"


def context(study: FinishedStudy) -> dict[str, Any]:
    costs, break_even, power = study.table("costs"), study.table("break_even"), study.power
    ours, published = (costs[costs["kind"] == kind] for kind in (OURS, PUBLISHED))
    sets, accuracy = answer_sets(break_even["set"]), published["accuracy"]
    compared = study.quoted.of_compared(break_even[break_even["set"].isin(sets)])
    quoted = {EARLY_EXIT, *study.quoted.compared} if study.quoted.best else set(ours["method"])
    ours = ours[ours["set"].isin(sets) & ours["method"].isin(quoted)]
    prices = [
        Markup("{}\u00a0pJ ({}, {})").format(
            live.priced(row.breakeven_mac_pj, power), row.method, row.set
        )
        for row in compared[compared["price"] == STUDY_PRICE].itertuples()
    ]
    return {
        "sets": sets,
        "floor": text.with_unit(live.FLOOR_MW, "mW", text.setting),
        "crossings": text.listed(prices),
        "cheapest": _cheapest(study.table("front"), sets, study.table("chips"), power),
        "chips": _chips(study.table("chips")),
        "readings": [
            _reading(rows.set_index("static_mw"), power)
            for _, rows in ours.groupby([*POINT, "exit"], sort=False, dropna=False)
        ],
        # What published chips take and misread, from the best to the worst.
        "published": {
            "energy": _range(published["energy_per_reading_uj"], "µJ"),
            "misread": text.from_to(*map(text.percent, (1 - accuracy.max(), 1 - accuracy.min()))),
        },
    }


def _range(values: pd.Series, unit: str) -> str:
    return text.from_to(*(text.with_unit(end, unit) for end in (values.min(), values.max())))


def _cheapest(front: pd.DataFrame, sets: list[str], chips: pd.DataFrame, power: Power) -> list[str]:
    """Which quoted points take least, held against prices of the same things.

    An addition, the arithmetic of a SynOp, stands beside the MAC of the same number format, where a
    CNN skips zeros. A SynOp on a whole chip stands beside a MAC on one.
    """
    quoted = front[flagged(front["chosen"]) & front["seed"].isna()].sort_values(_COST)
    additions, macs, on_chip = (
        chips[chips["kind"] == kind].set_index("chip")["pj_per_op"].to_dict()
        for kind in (ADDITION, MAC, CHIP_MAC)
    )
    on_ours = power.energy_per_synop_pj
    told = [
        _in_order(quoted, sets, f"by arithmetic alone at {name}", synop_pj, macs[name], skipping)
        for (name, synop_pj), skipping in zip(additions.items(), (NONZERO, IN_8_BITS), strict=False)
    ]
    told += [
        _in_order(quoted, sets, f"on whole chips, the CNN's {name}", on_ours, mac_pj, DENSE)
        for name, mac_pj in on_chip.items()
    ]
    return list(filter(None, told))


def _in_order(
    quoted: pd.DataFrame, sets: list[str], where: str, synop_pj: float, mac_pj: float, macs: str
) -> str:
    """The cheapest spiking network and the cheapest CNN of each set, the cheaper first."""
    parts = []
    for name in sets:
        of_set, ends = quoted[quoted["set"] == name], []
        for pj, which in ((synop_pj, of_set["scale"].notna()), (mac_pj, of_set["macs"] == macs)):
            for row in of_set[which][:1].to_dict("records"):
                uj, right = 1e-6 * pj * row[_COST], text.percent(row["accuracy"])
                ends.append((uj, f"{row['method']} ({text.significant(uj)} µJ, {right} right)"))
        if len(ends) > 1:
            parts.append(f"on {name} {' before '.join(words for _, words in sorted(ends))}")
    prices = f"{synop_pj:g} against {mac_pj:g}\u00a0pJ, MACs {macs}"
    return f"{where} ({prices}): {text.listed(parts)}" if parts else ""


def _chips(chips: pd.DataFrame) -> dict[str, Any] | None:
    """What a SynOp costs on the measured chip, and how many chips lie within the band."""
    synops, measured = (chips[chips["kind"].isin(kinds)] for kinds in (SYNOP_KINDS, (MEASURED,)))
    if measured.empty:
        return None
    return {
        "n": len(synops),
        "n_within": (synops["band"] == WITHIN).sum(),
        "measured": _range(measured[["pj_low", "pj_high"]].stack(), "pJ"),
        "source": measured["source"].iloc[0],
    }


def _reading(rows: pd.DataFrame, power: Power) -> dict[str, Any]:
    """What a reading of a point takes on a set, without static power and with the floor's.

    `rows` of ``costs.csv``, by static power.
    """
    bare, ms = rows.loc[0.0], rows.loc[0.0, "time_to_exit_ms"]
    spent = (rows.loc[mw, "energy_per_reading_uj"] for mw in (0.0, live.FLOOR_MW))
    zero, floored = (
        live.energy(uj, ms, power, static_mw=mw)
        for uj, mw in zip(spent, (0.0, live.FLOOR_MW), strict=True)
    )
    return {
        **bare,
        "misread": 1 - bare["accuracy"],
        "bare": zero,
        "floored": floored,
        "stream": live.power(bare["power_mw"], power, static_mw=0.0),
    }
