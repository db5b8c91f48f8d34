"""Spiking or CNN: at which price of a MAC both cost the same, and what a SynOp costs on chips."""

import pandas as pd
from markupsafe import Markup

from dvs_snn.analysis.energy_costs import (
    ADDITION,
    CHIP_MAC,
    MAC,
    MEASURED,
    PUBLISHED,
    STUDY_PRICE,
    SYNOP_KINDS,
    WITHIN,
)
from dvs_snn.analysis.energy_models import CNN, SPIKING
from dvs_snn.analysis.points import same_point
from dvs_snn.networks.synops import DENSE, IN_8_BITS, NONZERO
from dvs_snn.report import live, text
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.front_rows import chosen_on, cnn_on, even_price
from dvs_snn.report.style import method_name
from dvs_snn.report.template import Context

_COST = "synops_per_3000_events"


def context(study: FinishedStudy) -> Context:
    break_even = study.table("break_even")
    compared = study.quoted.of_compared(break_even[break_even["set"] == study.lead])
    prices = [
        Markup("{}\u00a0pJ ({})").format(
            live.priced(row["breakeven_mac_pj"], study.power), method_name(row["method"])
        )
        for row in compared[compared["price"] == STUDY_PRICE].to_dict("records")
    ]
    sentence = "No set was read by both networks."
    if prices:
        sentence = Markup(
            "At {} per SynOp, and if both read whole recordings, they cost the same where a MAC "
            "costs {}."
        ).format(live.synop_pj(study.power), text.listed(prices))
    return {
        "title": _title(study),
        "sentence": sentence,
        "figure": study.figure("break_even", [study.lead], sentence),
        "models": _models(study),
        "cheapest": _cheapest(study),
        "chips": _chips(study.table("chips")),
        "published": _published(study.table("costs")),
    }


def _title(study: FinishedStudy) -> str:
    """Below which price of a MAC the CNN is cheaper than the point that validation chose."""
    chosen = study.chosen_point
    prices = []
    for words, stops in (("", False), (" if it stops early and skips zeros", True)):
        cnn = cnn_on(study.front, study.lead, stops)
        if cnn is not None and chosen is not None:
            pj = study.power.energy_per_synop_pj * even_price(chosen, cnn)
            prices.append(Markup("below {} pJ a MAC{}").format(live.priced(pj, study.power), words))
    if not prices:
        return "Spiking or CNN: nothing to compare"
    return Markup("The CNN is cheaper {}").format(Markup(", ").join(prices))


def _models(study: FinishedStudy) -> Context | None:
    """What a reading takes by each model of energy, of the point that validation chose and the CNN.

    The CNN stops at its own exit; None where a side is missing.
    """
    models = study.table("models")
    models = models[models["set"] == study.lead]
    chosen = study.chosen_point
    if chosen is None or models.empty:
        return None
    is_chosen = (models["network"] == SPIKING) & same_point(models, chosen)
    stops = (models["network"] == CNN) & models["exit"].notna()
    sides = {
        "spiking": models[is_chosen],
        "nonzero": models[stops & (models["macs"] == NONZERO)],
        "dense": models[stops & (models["macs"] == DENSE)],
    }
    energy = {
        side: rows.groupby("model", sort=False)["energy_per_reading_uj"].min()
        for side, rows in sides.items()
    }
    if energy["spiking"].empty or energy["nonzero"].empty:
        return None

    rows = []
    for name, spiking_uj in energy["spiking"].items():
        cnn_uj = energy["nonzero"][name]
        winner = "spiking" if spiking_uj < cnn_uj else "CNN"
        times = max(spiking_uj, cnn_uj) / min(spiking_uj, cnn_uj)
        rows.append(
            {
                "model": name,
                "spiking": spiking_uj,
                "nonzero": cnn_uj,
                "dense": energy["dense"].get(name),
                "cheaper": f"{winner}, {text.significant(times)} times",
            }
        )
    with_memory = [row for row in rows if "arithmetic" not in row["model"]]
    n_spiking = sum(row["cheaper"].startswith("spiking") for row in with_memory)
    return {
        "rows": rows,
        "n": len(with_memory),
        "n_spiking": n_spiking,
        "spiking": text.percent(sides["spiking"]["accuracy"].iloc[0]),
        "cnn": text.percent(sides["nonzero"]["accuracy"].iloc[0]),
    }


def _range(values: pd.Series, unit: str) -> str:
    return text.from_to(text.with_unit(values.min(), unit), text.with_unit(values.max(), unit))


def _cheapest(study: FinishedStudy) -> list[str]:
    """Which quoted points take least, held against prices of the same things.

    An addition, the arithmetic of a SynOp, stands beside the MAC of the same number format, where a
    CNN skips zeros. A SynOp on a whole chip stands beside a MAC on one.
    """
    chips = study.table("chips")
    chosen = chosen_on(study.front, study.lead).sort_values(_COST)
    of_kind = {kind: rows.set_index("chip")["pj_per_op"] for kind, rows in chips.groupby("kind")}
    nothing = pd.Series(dtype=float)
    lines = []
    for (name, synop_pj), counted in zip(
        of_kind.get(ADDITION, nothing).items(), (NONZERO, IN_8_BITS), strict=False
    ):
        where = f"by arithmetic alone at {name}"
        lines.append(_in_order(chosen, where, synop_pj, of_kind[MAC][name], counted))
    for name, mac_pj in of_kind.get(CHIP_MAC, nothing).items():
        where = f"on whole chips, the CNN's {name}"
        synop_pj = study.power.energy_per_synop_pj
        lines.append(_in_order(chosen, where, synop_pj, mac_pj, DENSE))
    return [line for line in lines if line]


def _in_order(chosen: pd.DataFrame, where: str, synop_pj: float, mac_pj: float, macs: str) -> str:
    """The cheapest quoted spiking network and the cheapest CNN of a set, the cheaper first."""
    spiking = chosen[chosen["scale"].notna()]
    cnn = chosen[chosen["macs"] == macs]
    if spiking.empty or cnn.empty:
        return ""
    ends = []
    for pj, row in ((synop_pj, spiking.iloc[0]), (mac_pj, cnn.iloc[0])):
        uj = 1e-6 * pj * row[_COST]
        right = text.percent(row["accuracy"])
        ends.append(
            (uj, f"{method_name(row['method'])} ({text.significant(uj)} µJ, {right} right)")
        )
    prices = f"{synop_pj:g} against {mac_pj:g}\u00a0pJ, MACs {macs}"
    return f"{where} ({prices}) {' before '.join(words for _, words in sorted(ends))}"


def _chips(chips: pd.DataFrame) -> Context | None:
    """What a SynOp costs on the measured chip, and how many chips lie within the band."""
    synops = chips[chips["kind"].isin(SYNOP_KINDS)]
    measured = chips[chips["kind"] == MEASURED]
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
    fewest = text.percent(1 - rows["accuracy"].max())
    most = text.percent(1 - rows["accuracy"].min())
    took = _range(rows["energy_per_reading_uj"], "µJ")
    return (
        f"Published chips on images of MNIST take {took} and misread {text.from_to(fewest, most)}."
    )
