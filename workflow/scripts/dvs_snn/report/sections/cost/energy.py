"""From operations to energy: measured chips, spiking network or CNN, the energy of a decision."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.choosing.budgets import STATIC_MW
from dvs_snn.report import live, text
from dvs_snn.report.cells import ordered
from dvs_snn.report.material import Material
from dvs_snn.report.methods import answer_sets, of_compared_methods
from dvs_snn.tables.power.break_even import HIGH_PRICE, LOW_PRICE, SPIKING, STUDY_PRICE
from dvs_snn.tables.power.chips import MEASURED, SYNOP_KINDS, WITHIN
from dvs_snn.tables.power.costs import OURS, POINT, PUBLISHED

FLOOR_MW = max(STATIC_MW)
BAND_PRICES = (LOW_PRICE, HIGH_PRICE)
STUDY_PRICES = (STUDY_PRICE, *BAND_PRICES)
PJ = f"{text.NBSP}pJ"


def context(material: Material) -> dict[str, Any]:
    chips, costs = material.table("chips"), material.table("costs")
    ours, published = (costs[costs["kind"] == kind] for kind in (OURS, PUBLISHED))
    break_even, power = material.table("break_even"), material.power
    choice, sets = material.table("choice"), answer_sets(break_even["set"])
    # Sentences tell of the answer's sets, and most of them of the compared methods alone; tables
    # have all.
    told, quoted = (table[table["set"].isin(sets)] for table in (break_even, ours))
    crossings = _crossings(of_compared_methods(told, choice), power)
    findings = _findings(of_compared_methods(quoted, choice), published, power)
    note = material.origin.note_on(ordered(ours["set"]))
    return {
        "floor": f"{FLOOR_MW:g}{text.NBSP}mW",
        "chips": _chips(chips),
        "chips_table": _chips_table(chips),
        "verdicts": _verdicts(told, power),
        "break_even": material.chart("break_even", crossings, material.origin.note_on(sets)),
        "crossings": crossings,
        "break_even_table": _break_even_table(break_even, note),
        "findings": findings,
        # This picture doesn't follow the page's sliders.
        "decision": material.picture(
            "decision", f"{note}Always at {text.power_words(power)['energy']} per SynOp. "
        ),
        "costs_table": _costs_table(ours, power, note),
        "published_table": _published_table(published),
    }


def _range(low: Any, high: Any, unit: str) -> str:
    return f"{text.from_to(text.significant(low), text.significant(high))}{text.NBSP}{unit}"


def _chips(chips: pd.DataFrame) -> dict[str, str] | None:
    """How the energy of a SynOp follows from the measured chip, and how many chips lie where."""
    synops, measured = (
        chips[chips["kind"].isin(kinds)] for kinds in (SYNOP_KINDS, (MEASURED,))
    )  # fmt: skip
    if measured.empty:
        return None
    fanouts = {end: f"{measured[f'fanout_{end}'].iloc[0]:g}" for end in ("low", "high")}
    return {
        "n": text.count(len(synops)),
        "n_within": text.count((synops["band"] == WITHIN).sum()),
        "outside": text.counted(synops.loc[synops["band"] != WITHIN, "band"]),
        "n_measured": text.count(len(measured)),
        "per_spike": _range(measured["nj_per_spike"].min(), measured["nj_per_spike"].max(), "nJ"),
        "largest_fanout": fanouts["high"],
        "at_largest": _range(measured["pj_low"].min(), measured["pj_low"].max(), "pJ"),
        "smallest_fanout": fanouts["low"],
        "at_smallest": _range(measured["pj_high"].min(), measured["pj_high"].max(), "pJ"),
        "seconds": f"{1e3 * measured['seconds'].iloc[0]:g}{text.NBSP}ms",
        "static": f"{measured['static_mw'].iloc[0]:g}{text.NBSP}mW",
        "source": measured["source"].iloc[0],
    }


def _chips_table(chips: pd.DataFrame) -> Markup | None:
    rows = [
        {
            "chip": row["chip"],
            "network": row["network"],
            "kind": row["kind"],
            "pJ per operation": text.significant(row["pj_low"])
            if row["pj_low"] == row["pj_high"]
            else text.from_to(text.significant(row["pj_low"]), text.significant(row["pj_high"])),
            "by the band": row["band"],
            "source": f"{row['source']} ({row['certainty']})",
            "to mind": row["note"],
        }
        for row in chips.to_dict("records")
    ]
    return text.table_html(
        rows, "What an operation costs, as published and as computed here", source="chips"
    )


def _by_price(rows: pd.DataFrame) -> dict[str, Mapping[str, Any]]:
    return {row["price"]: row for row in rows.to_dict("records")}


def _energy(power: Mapping[str, Any]) -> Markup:
    """The energy of a SynOp in force."""
    return live.synop_pj(text.power_words(power)["energy"])


def _verdicts(break_even: pd.DataFrame, power: Mapping[str, Any]) -> list[Markup]:
    """A sentence for each method: at which price of a MAC it is cheaper, on each set."""
    sentences = []
    for method, of_method in break_even.groupby("method", sort=False):
        parts = []
        for name, rows in of_method.groupby("set", sort=False):
            price = _by_price(rows)
            band = _range(
                price[LOW_PRICE]["breakeven_mac_pj"], price[HIGH_PRICE]["breakeven_mac_pj"], "pJ"
            )
            dear = live.priced(price[STUDY_PRICE]["breakeven_mac_pj"], power)
            parts.append(Markup("{}{} on {} ({} over the band)").format(dear, PJ, name, band))
        sentences.append(
            Markup(
                "The method {} is cheaper than the CNN if a MAC costs more than {}. This takes a "
                "SynOp as {}. {}"
            ).format(
                method, text.listed(parts), _energy(power),
                _by_arithmetic(of_method[~of_method["price"].isin(STUDY_PRICES)]),
            )
        )  # fmt: skip
    return sentences


def _crossings(break_even: pd.DataFrame, power: Mapping[str, Any]) -> str:
    """Where the lines of the figure cross the study's energy of a SynOp."""
    rows = break_even[break_even["price"] == STUDY_PRICE].to_dict("records")
    if not rows:
        return ""
    places = [
        Markup("{}{} ({}, {})").format(
            live.priced(row["breakeven_mac_pj"], power), PJ, row["method"], row["set"]
        )
        for row in rows
    ]
    return Markup("At {} per SynOp both cost the same if a MAC costs {}.").format(
        _energy(power), text.listed(places)
    )


def _by_arithmetic(rows: pd.DataFrame) -> str:
    """Who is cheaper by the arithmetic of 45 nm alone, in each number format."""
    parts = []
    for price, of_price in rows.groupby("price", sort=False):
        cheaper = of_price.loc[of_price["cheaper"] == SPIKING, "set"].tolist()
        one = of_price.iloc[0]
        where = f"on {text.listed(cheaper)}" if cheaper else "on no set"
        parts.append(f"{where} at {price} ({one['synop_pj']:g} against {one['mac_pj']:g}{PJ})")
    return f"By arithmetic alone it is cheaper {text.listed(parts)}."


def _break_even_table(break_even: pd.DataFrame, note: str) -> Markup | None:
    """A row for each quoted point and set: its ratio, and who is cheaper at which prices."""
    shown = []
    for point, rows in break_even.groupby(list(POINT), sort=False):
        price = _by_price(rows)
        name, method, variant, scale = point
        own = price[STUDY_PRICE]
        ratio = text.interval_of(own, "synops_per_mac", text.significant)
        cells = {
            "set": name,
            "method": f"{method} ({variant}, scale {scale:.2f})",
            "SynOps per MAC (seeds)": ratio,
        }
        for each in (each for name, each in price.items() if name not in BAND_PRICES):
            heading = f"MAC price at {each['synop_pj']:g} pJ per SynOp, {each['price']} (pJ)"
            cheaper = "spiking" if each["cheaper"] == SPIKING else "CNN"
            dear = text.significant(each["breakeven_mac_pj"])
            cells[heading] = f"{dear} ({cheaper} at {each['mac_pj']:g})"
        shown.append(cells)
    caption = (
        f"{note}The price of a MAC above which the spiking network is cheaper; in brackets who is "
        "cheaper at the MAC of the same number format at 45 nm, float32 for the study's prices"
    )
    return text.table_html(shown, caption, source="break_even")


def _findings(ours: pd.DataFrame, published: pd.DataFrame, power: Mapping[str, Any]) -> list[str]:
    """A sentence for each set and method on the energy of a decision, and one on the chips."""
    sentences = []
    for point, rows in ours.groupby(list(POINT), sort=False):
        name, method = point[:2]
        if rows["time_to_decision_ms"].isna().all():
            sentences.append(f"On {name}, {method} decides nothing: it has no output spike.")
            continue
        bare, floored = (
            live.energy(
                row["energy_per_decision_uj"], row["time_to_decision_ms"], power, static_mw=static
            )
            for static in (0.0, FLOOR_MW)
            for row in rows[rows["static_mw"] == static].to_dict("records")
        )
        sentences.append(
            Markup(
                "On {}, {} takes {}\u00a0µJ per decision without static power and misreads {}; "
                "with {:g}\u00a0mW of static power it takes {}\u00a0µJ."
            ).format(
                name, method, bare, text.percent(1 - rows["accuracy"].iloc[0]), FLOOR_MW, floored
            )
        )
    if len(published) and sentences:
        energy, error = published["energy_per_decision_uj"], 1 - published["accuracy"]
        sentences.append(
            f"Published chips on images of MNIST take {_range(energy.min(), energy.max(), 'µJ')} "
            f"and misread {text.from_to(text.percent(error.min()), text.percent(error.max()))}."
        )
    return sentences


def _costs_table(ours: pd.DataFrame, power: Mapping[str, Any], note: str) -> Markup | None:
    """A row for each quoted point, set and static power."""
    band = text.power_words(power)["band"]
    rows = []
    for row in ours.to_dict("records"):
        kept, decided = live.kept(row["static_mw"], power), row["time_to_decision_ms"]
        mw, decision = row["power_mw"], row["energy_per_decision_uj"]
        rows.append(
            {
                "set": row["set"],
                "method": row["method"],
                "static (mW)": live.static(row["static_mw"], power),
                f"power (mW, at {band})": live.banded(mw, 1.0, power, kept),
                "until decided (ms)": text.significant(decided),
                f"µJ per decision (at {band})": live.banded(decision, decided, power, kept),
                "µJ per recording": live.energy(
                    row["energy_per_recording_uj"], row["recording_ms"], power, static_mw=kept
                ),
            }
        )
    caption = (
        f"{note}Power at the event rate of each set, and the energy of a decision beside that of a "
        "whole recording; means over the seeds"
    )
    return text.table_html(rows, caption, source="costs")


def _published_table(published: pd.DataFrame) -> Markup | None:
    rows = [
        {
            "chip": row["method"],
            "read": row["set"],
            "accuracy": text.percent(row["accuracy"]),
            "µJ per decision": text.significant(row["energy_per_decision_uj"]),
            "source": row["source"],
        }
        for row in published.to_dict("records")
    ]
    return text.table_html(
        rows, "Published chips that read digits, from images of MNIST", source="costs"
    )
