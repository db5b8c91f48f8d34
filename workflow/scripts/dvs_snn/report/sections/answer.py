"""The answer: the quoted networks in one table, who wins, and what is simulated and assumed."""

from collections.abc import Iterator

import pandas as pd
from markupsafe import Markup

from dvs_snn.analysis.verdict import RIVALS, even_line
from dvs_snn.energy.price import SPECK_IDLE_MW, energy_uj, idle_uj, operations_uj
from dvs_snn.points.front import ANY
from dvs_snn.points.point import NONZERO_MACS, Point
from dvs_snn.points.quoted_rows import quoted_cnns, quoted_networks, rows_at
from dvs_snn.report import text
from dvs_snn.report.cells import Row, is_known, ordered
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.priced_models import compared_prices
from dvs_snn.report.sections.real import cautions, warnings
from dvs_snn.report.sections.recordings import predicted, shown_recordings
from dvs_snn.report.style import method_name
from dvs_snn.report.template import Context, render
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sides import CNN, SPIKING
from dvs_snn.settings.study_settings import WORKFLOW, variants_of

VERDICT = WORKFLOW / "report" / "verdict.html.j2"
"""The sentences of the answer, a paragraph each; the headline has them in plain text."""


def context(study: FinishedStudy) -> Context:
    variants = variants_of(study.settings).items()
    facts = verdict_facts(study)
    verdict = Markup(render(VERDICT, {"answer": facts, "classes": study.classes}))
    return {
        **facts,
        "warnings": cautions(study, [study.answer_set] if study.answer_set else []),
        "networks": _networks(study),
        "figure": study.figure("answer", [study.answer_set], verdict),
        "n_validation": study.evaluation.groupby("set")["n_symbols"].max().get(VALIDATION),
        "n_trainings": study.evaluation["seed"].nunique(),
        "others": list(_other_sets(study)),
        # Variants whose weights come from a file; they weren't trained here.
        "given": [name for name, variant in variants if variant.weights],
    }


def headline_of(study: FinishedStudy) -> str:
    """Return the answer in lines of plain text, what is not a result, and warnings of sets."""
    facts = {"answer": verdict_facts(study), "classes": study.classes, "headline": True}
    paragraphs = [Markup(part).striptags() for part in render(VERDICT, facts).split("</p>")]
    lines = [words for words in paragraphs if words]
    if mark := study.marks.on():
        lines.append(mark)
    sets = study.evaluation["set"].unique().tolist()
    lines += [f"warning: {text.seen(warning)}" for warning in warnings(study, sets)]
    # A log needs no spaces that don't break.
    return "".join(f"{line}\n" for line in lines).replace(text.NBSP, " ")


def verdict_facts(study: FinishedStudy) -> Context:
    """What the sentences of the answer state; `point` is None without a labelled set."""
    point = study.chosen_point
    if study.answer_set is None or point is None:
        return {"point": None, "frames": _frames(study), "shown": _shown(study)}
    return {
        "point": {
            "set": study.origin.called(study.answer_set),
            "kind": study.origin.kind(study.answer_set),
            "n": _n_recordings(study, study.answer_set),
            "network": study.in_words(point),
            "is_chosen": len(study.quoted.rows) > 0,
            "accuracy": point["accuracy"],
            "uj": text.significant(study.reading_uj(point)),
            "ms": point["time_to_exit_ms"],
            "stops": is_known(point["exit"]),
            "mw": text.significant(study.reading_mw(point)),
        },
        "stated": _at_stated_accuracy(study),
        "spread": _spread(study, point),
        "rival": _rival(study),
        "cnn": _cnn_price(study, point),
        "timing": study.settings.inference.timing,
        "synop_pj": study.synop_price,
        "static_mw": study.idle_power,
        "idle_mw": SPECK_IDLE_MW,
        "idle_uj": idle_uj(SPECK_IDLE_MW, point["time_to_exit_ms"]),
    }


def _networks(study: FinishedStudy) -> list[Row]:
    """The rows of the first table: every quoted network on the set that answers."""
    weights = study.table("network")["weights"].sum()
    rows: list[Row] = []
    for point in quoted_networks(study.points, study.quoted, study.answer_set).to_dict("records"):
        is_spiking = point["side"] == SPIKING
        operations = f"{text.millions(point['operations_per_reading'])}{text.NBSP}M"
        rows.append(
            {
                "network": Markup("{}<br><small>{}</small>").format(
                    method_name(point["method"]), study.in_words(point)
                ),
                "accuracy": text.interval_of(point),
                "energy": text.significant(study.reading_uj(point)),
                "time": text.count(point["time_to_exit_ms"]),
                "operations": f"{operations} {'SynOps' if is_spiking else 'MACs'}",
                "parameters": text.count(weights) if weights else text.NOTHING,
            }
        )
    return rows


def _at_stated_accuracy(study: FinishedStudy) -> Context | None:
    """What spiking networks need at the accuracy that is quoted; None: they don't reach one."""
    equal = study.equal
    rows = equal[(equal["side"] == SPIKING) & (equal["method"] == ANY)]
    if rows.empty:
        return None
    stated = rows.iloc[0]

    synops = [stated[f"operations_per_reading{end}"] for end in ("", "_low", "_high")]
    time_ms = stated["time_to_exit_ms"]
    uj, low, high = (energy_uj(study.price, SPIKING, each, time_ms) for each in synops)
    return {
        "accuracy": stated["accuracy"],
        "is_bound": bool(stated["bound"]),
        "uj": text.significant(uj),
        "low": text.significant(low),
        "high": text.significant(high) if is_known(high) else None,
    }


def _spread(study: FinishedStudy, point: pd.Series) -> Context | None:
    """The energies of the networks that other samples of the validation set would choose."""
    rows = study.quoted.rows
    rows = rows[rows["method"] == point["method"]].dropna(subset="synops_per_reading_low")
    if rows.empty:
        return None
    row = rows.iloc[0]
    return {
        end: text.significant(operations_uj(study.price, SPIKING, row[f"synops_per_reading_{end}"]))
        for end in ("low", "high")
    }


def _rival(study: FinishedStudy) -> Context | None:
    """Return what spiking networks and a CNN need at equal accuracy; None if that isn't known.

    With it goes the number of models of energy that count memory, and those of them under which the
    spiking network is cheaper.
    """
    rows = study.equal[study.equal["ratio"].notna()]
    rows = rows[(rows["side"] == CNN) & (rows["counted"] == NONZERO_MACS)]
    rows = rows.sort_values("method", key=lambda methods: methods.map(RIVALS.index))
    if rows.empty:
        return None
    row = rows.iloc[0]
    prices = compared_prices(study)
    wins = prices.with_memory.set_index("model")["is_spiking"] if prices else pd.Series(dtype=bool)
    return {
        "name": method_name(row["method"]),
        "accuracy": row["accuracy"],
        "macs": row["operations_per_reading"],
        "synops": row["reference_operations"],
        "times": row["ratio"],
        "ratio": text.open_interval_of(row, "ratio"),
        "n_models": len(wins),
        "spiking_wins": wins.index[wins].tolist(),
    }


def _cnn_price(study: FinishedStudy, point: pd.Series) -> Context | None:
    """Below which price of a MAC the CNN is cheaper than the quoted network."""
    cnns = quoted_cnns(study.points, study.answer_set)
    if not cnns:
        return None
    cnn = cnns[0]
    even = even_line(point, cnn, study.price.idle_mw)
    return {
        "name": method_name(cnn["method"]),
        "accuracy": cnn["accuracy"],
        "stops": is_known(cnn["exit"]),
        "price": text.significant(even.mac_pj(study.price.synop_pj)),
    }


def _n_recordings(study: FinishedStudy, name: str) -> float:
    rows = study.evaluation
    return rows.loc[rows["set"] == name, "n_recordings"].max()


def _other_sets(study: FinishedStudy) -> Iterator[Context]:
    """What the quoted network reads of every other set."""
    point = study.chosen_point
    if point is None:
        return
    for name in ordered(study.spiking["set"]):
        rows = rows_at(study.points, [Point.of(point)], name)
        if name in (study.answer_set, VALIDATION) or rows.empty:
            continue
        yield {
            "set": study.origin.called(name),
            "kind": study.origin.kind(name),
            "accuracy": rows["accuracy"].iloc[0],
            "n": _n_recordings(study, name),
            "is_result": name not in study.marks.sets,
        }


def _frames(study: FinishedStudy) -> list[Context]:
    """What the CNN reads of frames, set by set."""
    frames = study.evaluation[study.evaluation["side"] == CNN].dropna(subset="cnn_accuracy")
    return [
        {"set": name, "n": rows["n_frames"].max(), "accuracy": rows["cnn_accuracy"].mean()}
        for name, rows in frames.groupby("set", sort=False)
    ]


def _shown(study: FinishedStudy) -> list[Context]:
    """What is read in each of the recordings A, B, C, at which power."""
    shown, _ = shown_recordings(study, study.settings.inference.timing)
    return [
        {
            "name": name,
            "label": text.label_text(rows["label"].iloc[0]),
            "reads": ordered(predicted(row) for row in rows.to_dict("records")),
            "mw": text.spread(rows["power_mw"]),
        }
        for name, rows in shown.groupby("recording", sort=False)
    ]
