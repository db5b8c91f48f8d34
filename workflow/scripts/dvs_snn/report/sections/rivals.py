"""Spiking or CNN: at which price of a MAC both cost the same, and what a SynOp costs on chips."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.networks.synops import DENSE, IN_8_BITS, NONZERO
from dvs_snn.report import live, text
from dvs_snn.report.points import chosen_on, cnn_on, even_price
from dvs_snn.report.study import FinishedStudy
from dvs_snn.report.style import method_name
from dvs_snn.tables.costs import (
    ADDITION,
    CHIP_MAC,
    MAC,
    MEASURED,
    PUBLISHED,
    STUDY_PRICE,
    SYNOP_KINDS,
    WITHIN,
)

_COST = "synops_per_3000_events"


def context(study: FinishedStudy) -> dict[str, Any]:
    break_even, power = study.table("break_even"), study.power
    compared = study.quoted.of_compared(break_even[break_even["set"] == study.lead])
    prices = [
        Markup("{}\u00a0pJ ({})").format(
            live.priced(row.breakeven_mac_pj, power), method_name(row.method)
        )
        for row in compared[compared["price"] == STUDY_PRICE].itertuples()
    ]
    sentence: Markup | str = "No set was read by both networks."
    if prices:
        sentence = Markup(
            "At {} per SynOp, and if both read whole recordings, they cost the same where a MAC "
            "costs {}."
        ).format(live.synop_pj(power), text.listed(prices))
    return {
        "title": _title(study),
        "sentence": sentence,
        "figure": study.figure("break_even", study.note_on([study.lead]), sentence),
        "cheapest": _cheapest(study),
        "chips": _chips(study.table("chips")),
        "published": _published(study.table("costs")),
    }


def _title(study: FinishedStudy) -> Markup | str:
    """Below which price of a MAC the CNN is cheaper than the point that validation chose."""
    chosen, prices = study.chosen_point, []
    for words, stops in (("", False), (" if it stops early and skips zeros", True)):
        cnn = cnn_on(study.table("front"), study.lead, stops) if chosen is not None else None
        if cnn is not None:
            pj = study.power.energy_per_synop_pj * even_price(chosen, cnn)
            prices.append(Markup("below {} pJ a MAC{}").format(live.priced(pj, study.power), words))
    if not prices:
        return "Spiking or CNN: nothing to compare"
    return Markup("The CNN is cheaper {}").format(Markup(", ").join(prices))


def _range(values: pd.Series, unit: str) -> str:
    return text.from_to(*(text.with_unit(end, unit) for end in (values.min(), values.max())))


def _cheapest(study: FinishedStudy) -> list[str]:
    """Which quoted points take least, held against prices of the same things.

    An addition, the arithmetic of a SynOp, stands beside the MAC of the same number format, where a
    CNN skips zeros. A SynOp on a whole chip stands beside a MAC on one.
    """
    front, chips = study.table("front"), study.table("chips")
    chosen = chosen_on(front, study.lead).sort_values(_COST)
    additions, macs, on_chip = (
        chips[chips["kind"] == kind].set_index("chip")["pj_per_op"].to_dict()
        for kind in (ADDITION, MAC, CHIP_MAC)
    )
    prices = [
        (f"by arithmetic alone at {name}", synop_pj, macs[name], skipping)
        for (name, synop_pj), skipping in zip(additions.items(), (NONZERO, IN_8_BITS), strict=False)
    ]
    on_ours = study.power.energy_per_synop_pj
    prices += [
        (f"on whole chips, the CNN's {name}", on_ours, mac_pj, DENSE)
        for name, mac_pj in on_chip.items()
    ]
    return list(filter(None, (_in_order(chosen, *price) for price in prices)))


def _in_order(chosen: pd.DataFrame, where: str, synop_pj: float, mac_pj: float, macs: str) -> str:
    """The cheapest quoted spiking network and the cheapest CNN of a set, the cheaper first."""
    ends = []
    for pj, which in ((synop_pj, chosen["scale"].notna()), (mac_pj, chosen["macs"] == macs)):
        for row in chosen[which][:1].to_dict("records"):
            uj, name = 1e-6 * pj * row[_COST], method_name(row["method"])
            right = text.percent(row["accuracy"])
            ends.append((uj, f"{name} ({text.significant(uj)} µJ, {right} right)"))
    if len(ends) < 2:
        return ""
    prices = f"{synop_pj:g} against {mac_pj:g}\u00a0pJ, MACs {macs}"
    return f"{where} ({prices}) {' before '.join(words for _, words in sorted(ends))}"


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


def _published(costs: pd.DataFrame) -> str:
    """What published chips take and misread."""
    rows = costs[costs["kind"] == PUBLISHED]
    if rows.empty:
        return ""
    ends = (text.percent(1 - rows["accuracy"].max()), text.percent(1 - rows["accuracy"].min()))
    took = _range(rows["energy_per_reading_uj"], "µJ")
    return f"Published chips on images of MNIST take {took} and misread {text.from_to(*ends)}."
