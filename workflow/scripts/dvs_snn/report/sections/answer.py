"""The answer: what a reading costs at one accuracy, the CNN beside it, and the other sets."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from markupsafe import Markup

from dvs_snn.analysis.budgets import FLOOR_MW
from dvs_snn.analysis.equal_accuracy import SPIKING
from dvs_snn.analysis.factors import EQUAL
from dvs_snn.analysis.points import POINT
from dvs_snn.analysis.power import EnergyModel, energy_uj
from dvs_snn.report import live, text
from dvs_snn.report.cells import is_known, ordered
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.front_rows import cnn_on, even_price, points_on
from dvs_snn.report.priced_models import compared_prices
from dvs_snn.report.sections.real import cautions, warnings
from dvs_snn.report.sections.recordings import predicted, shown_recordings
from dvs_snn.report.style import method_name
from dvs_snn.report.template import Context
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.study_settings import variants_of


def context(study: FinishedStudy) -> Context:
    sentences = list(_sentences(study))
    variants = variants_of(study.settings).items()
    return {
        "title": _title(study),
        "warnings": cautions(study, [study.lead] if study.lead else []),
        "sentences": sentences,
        "picked": _picked(study),
        "closing": _closing(study),
        "figure": study.figure("answer", [study.lead], sentences[0]),
        # Variants whose weights come from a file; they weren't trained here.
        "given": [name for name, variant in variants if variant.weights],
    }


def headline_of(study: FinishedStudy) -> str:
    """Return the answer in lines of plain text, what is not a result, and warnings of sets."""
    lines = list(_sentences(study))
    if mark := study.marks.on():
        lines.append(mark)
    sets = study.evaluation["set"].unique().tolist()
    lines += [f"warning: {text.seen(warning)}" for warning in warnings(study, sets)]
    # A log needs no spaces that don't break.
    return "".join(f"{text.seen(line)}\n" for line in lines).replace(text.NBSP, " ")


def _title(study: FinishedStudy) -> str:
    stated = _at_stated_accuracy(study)
    if stated is not None:
        words = Markup("{} accuracy for {} µJ per recording")
        return words.format(text.whole_percent(stated["accuracy"]), _stated_energy(stated, study))
    point = study.chosen_point
    if point is None:
        return "How accurate it is, this study can't say"
    words = Markup("{} accuracy for {} µJ per recording")
    return words.format(_read(point), _energy(point, study))


def _at_stated_accuracy(study: FinishedStudy) -> pd.Series | None:
    """What spiking networks take at the accuracy that is quoted; None: they don't reach one."""
    rows = study.equal[study.equal["network"] == SPIKING]
    return rows.iloc[0] if len(rows) else None


def _stated_energy(stated: pd.Series, study: FinishedStudy, end: str = "") -> Markup:
    """The energy of a reading at the stated accuracy, or at an end of its interval, in µJ."""
    synops = stated[f"operations_per_reading{end}"]
    model = EnergyModel(study.power.energy_per_synop_pj, study.power.static_power_mw)
    spent = energy_uj(synops, stated["time_to_exit_ms"] * 1e-3, model)
    return live.energy(spent, stated["time_to_exit_ms"], study.power)


def _energy(point: pd.Series, study: FinishedStudy) -> Markup:
    return live.energy(point["energy_per_reading_uj"], point["time_to_exit_ms"], study.power)


def _read(point: pd.Series) -> str:
    return text.percent(point["accuracy"])


def _sentences(study: FinishedStudy) -> Iterator[str]:
    """The answer in a few sentences, or what a study without a labelled set can tell."""
    point = study.chosen_point
    if study.lead is None or point is None:
        yield from _without_sets(study)
        return
    recordings = (
        f"On {text.count(_n_recordings(study, study.lead))} {study.origin.kind(study.lead)} "
        f"recordings ({study.origin.called(study.lead)})"
    )
    stated = _at_stated_accuracy(study)
    if stated is not None:
        yield _stated_sentence(study, recordings, stated)
    yield _spiking_sentence(study, point, f"{recordings} the" if stated is None else "The")
    verdict = _verdict(study, point)
    if verdict:
        yield verdict
    yield _assumptions(study, point)
    yield from _differing(study)


def _stated_sentence(study: FinishedStudy, recordings: str, stated: pd.Series) -> Markup:
    """What a reading takes at the stated accuracy, on the set that answers."""
    interval = Markup("95 % interval: at least {}").format(_stated_energy(stated, study, "_low"))
    if is_known(stated["operations_per_reading_high"]):
        interval = Markup("95 % interval {}\u00a0to\u00a0{}").format(
            _stated_energy(stated, study, "_low"), _stated_energy(stated, study, "_high")
        )
    return Markup(
        "{recordings} spiking networks reach <strong>{read}</strong> accuracy with "
        "<strong>{bound}{uj} µJ per recording</strong> ({interval})."
    ).format(
        recordings=recordings,
        read=text.whole_percent(stated["accuracy"]),
        bound="at most " if stated["bound"] else "",
        uj=_stated_energy(stated, study),
        interval=interval,
    )


def _spiking_sentence(study: FinishedStudy, point: pd.Series, start: str) -> Markup:
    """What the network reads that validation chose, and what other draws might have chosen."""
    rows = study.quoted.rows
    rows = rows[rows["method"] == point["method"]]
    spread = ""
    if len(rows) and is_known(rows["synops_per_reading_low"].iloc[0]):
        words = Markup(" Other samples of the validation set would choose {}\u00a0to\u00a0{} µJ.")
        spread = words.format(
            _dynamic(rows["synops_per_reading_low"].iloc[0], study),
            _dynamic(rows["synops_per_reading_high"].iloc[0], study),
        )
    return Markup(
        "{start} network chosen on validation ({words}) has <strong>{read}</strong> accuracy at "
        "<strong>{uj} µJ</strong> and decides after {ms} ({mw} mW until then).{spread}"
    ).format(
        start=start,
        words=study.in_words(point),
        read=_read(point),
        uj=_energy(point, study),
        ms=text.with_unit(point["time_to_exit_ms"], "ms"),
        mw=live.power(point["power_while_reading_mw"], study.power),
        spread=spread,
    )


def _assumptions(study: FinishedStudy, point: pd.Series) -> Markup:
    """What energies count, and what a chip's idle power would add."""
    timing = {"events": "handles one event at a time", "steps": "computes in time steps"}
    idle_uj = FLOOR_MW * point["time_to_exit_ms"]
    return Markup(
        "Energies count {pj} per SynOp on a chip that {timing}. Idle power counts as {static}; "
        "Speck's {floor} would add {floor_uj}."
    ).format(
        pj=live.synop_pj(study.power),
        timing=timing[study.settings.inference.timing],
        static=live.static_mw(study.power),
        floor=text.with_unit(FLOOR_MW, "mW", text.setting),
        floor_uj=text.with_unit(idle_uj, "µJ"),
    )


def _dynamic(synops: float, study: FinishedStudy) -> Markup:
    """The energy of so many SynOps in µJ, without static power."""
    spent = energy_uj(synops, 0.0, EnergyModel(study.power.energy_per_synop_pj))
    return live.energy(spent, 0.0, study.power)


def _verdict(study: FinishedStudy, point: pd.Series) -> Markup | None:
    """Who needs fewer operations at the same accuracy, and who is cheaper by models of energy."""
    rows = study.table("rivals")
    rows = rows[(rows["set"] == study.lead) & (rows["at"] == EQUAL)]
    rows = rows[rows["accuracy"].isin(study.equal["accuracy"])]
    if rows.empty:
        cnn = _cnn(study)
        return None if cnn is None else _price_sentence(study, point, cnn)
    row = rows.iloc[0]
    prices = compared_prices(study)
    winner = ""
    if prices is not None and prices.with_memory:
        won = [price.model for price in prices.with_memory if price.cheaper == SPIKING]
        n = len(prices.with_memory)
        under = f"all {n}" if not won else f"{n - len(won)} of {n}"
        winner = (
            f" The CNN is cheaper under {under} models of energy that count memory or a whole chip"
            + (f", the spiking network under the other ({text.listed(won)})." if won else ".")
        )
    return Markup(
        "At the same accuracy a {rival} needs {macs} million MACs per recording, the spiking "
        "network {synops} million SynOps: {ratio} times as many.{winner}"
    ).format(
        rival=row["rival"],
        macs=text.millions(row["macs_per_reading"]),
        synops=text.millions(row["synops_per_reading"]),
        ratio=text.open_interval_of(row, "synops_per_mac"),
        winner=winner,
    )


def _price_sentence(study: FinishedStudy, point: pd.Series, cnn: pd.Series) -> Markup:
    """Below which price of a MAC the CNN is cheaper than the network that validation chose."""
    price = study.power.energy_per_synop_pj * even_price(point, cnn)
    # While it reads longer than the CNN, idle power raises the price.
    later_ms = live.spent_by(point).time_ms - live.spent_by(cnn).time_ms
    return Markup(
        "The CNN{stops} has {read} accuracy. It is cheaper if a MAC costs less than {price} pJ."
    ).format(
        stops=", which stops early and skips zeros," if is_known(cnn["exit"]) else "",
        read=_read(cnn),
        price=live.priced(price, study.power, later_ms * 1e6 / cnn["synops_per_reading"]),
    )


def _cnn(study: FinishedStudy) -> pd.Series | None:
    """The CNN that the sentences quote: it stops early, if validation chose an exit."""
    stopping = cnn_on(study.front, study.lead, stops=True)
    return cnn_on(study.front, study.lead) if stopping is None else stopping


def _differing(study: FinishedStudy) -> Iterator[str]:
    """Which quoted networks read a set of the user's otherwise than simulated ones of its kind."""
    quoted = [study.chosen_point, _cnn(study)]
    points = [point for point in quoted if point is not None]
    for name in study.origin.added:
        like = _simulated_like(study, name)
        if like is None:
            continue
        rows = points_on(points, study.front, name)
        rows = rows.merge(points_on(points, study.front, like), on=POINT, suffixes=("", "_like"))
        for row in rows.to_dict("records"):
            low = row["accuracy_low_like"]
            high = row["accuracy_high_like"]
            if not low <= row["accuracy"] <= high:
                yield (
                    f"On {study.origin.called(name)} ({study.origin.kind(name)}, n = "
                    f"{text.count(row['n_symbols'])}) {method_name(row['method'])} "
                    f"({study.in_words(row)}) is right on {text.percent(row['accuracy'])}. On "
                    f"{study.origin.called(like)} (simulated) its 95 % interval is "
                    f"{text.from_to(text.percent(low), text.percent(high))}."
                )


def _simulated_like(study: FinishedStudy, name: str) -> str | None:
    """The simulated test set nearest in size: by the medians of the box and of the pixels."""
    checks = study.table("checks")
    sizes = checks[checks["check"].isin(["box_px", "n_pixels"])]
    sizes = np.log(sizes.pivot(index="set", columns="check", values="median").astype(float))
    no_test_sets = [*study.origin.added, VALIDATION]
    made = [
        each for each in sizes.index if study.origin.is_simulated(each) and each not in no_test_sets
    ]
    if name not in sizes.index or not made:
        return None
    return str((sizes.loc[made] - sizes.loc[name]).pow(2).sum(axis=1).idxmin())


def _n_recordings(study: FinishedStudy, name: str) -> float:
    rows = study.evaluation
    return rows.loc[rows["set"] == name, "n_recordings"].max()


def _picked(study: FinishedStudy) -> str:
    """How the quoted point was picked, and over how many trainings."""
    point = study.chosen_point
    if point is None:
        return ""
    sizes = study.evaluation.groupby("set")["n_symbols"].max()
    if VALIDATION not in sizes:
        words = study.in_words(point)
        return f"Without validation nothing was picked: this is the network as converted ({words})."
    things = "drawn digits" if study.classes.are_digits else "files"
    n_trainings = text.plural(study.evaluation["seed"].nunique(), "training")
    return (
        f"All settings were chosen on {text.count(sizes[VALIDATION])} other {things} "
        f"(validation): {study.rule}. Accuracies are means over {n_trainings}. Energies are "
        "computed, not measured on a chip."
    )


def _closing(study: FinishedStudy) -> str:
    """What the chosen network reads of every other set, and what of it lies beyond training."""
    point = study.chosen_point
    if point is None:
        return ""
    parts = []
    for name in ordered(study.spiking["set"]):
        rows = points_on([point], study.front, name)
        if name in (study.lead, VALIDATION) or rows.empty:
            continue
        read = text.percent(rows["accuracy"].iloc[0])
        kind = f"{study.origin.kind(name)}, {text.count(_n_recordings(study, name))} recordings"
        beyond = study.spiking.merge(rows[["set", "variant", "scale"]])["n_beyond"].max()
        if beyond > 0:
            kind += f", {text.count(beyond)} of them beyond training"
        if name in study.marks.sets:
            kind += ", not a result"
        parts.append(f"{read} of {study.origin.called(name)} ({kind})")
    return f"The same network is right on {text.listed(parts)}." if parts else ""


def _without_sets(study: FinishedStudy) -> Iterator[str]:
    """What a study tells without labelled recordings: of frames, and of each shown recording."""
    yield "This study has no labelled recordings, so it can't say how much a spiking network reads."
    frames = study.evaluation[study.evaluation["scale"].isna()].dropna(subset="ann_accuracy")
    for name, rows in frames.groupby("set", sort=False):
        n = rows["n_frames"].max()
        share = text.percent(rows["ann_accuracy"].mean())
        count = text.plural(n, "frame") if n > 0 else "an unknown number of frames"
        yield f"The CNN alone reads {share} of {count} right (set {name})."
    shown, _ = shown_recordings(study, study.settings.inference.timing)
    for name, rows in shown.groupby("recording", sort=False):
        label = text.label_text(rows["label"].iloc[0])
        reads = text.listed(ordered(predicted(row) for row in rows.to_dict("records")))
        yield Markup("Recording {} ({}) is read as {}, at {} mW.").format(
            name,
            f"it shows {label}" if label else f"its {study.classes.word} is not known",
            reads,
            live.spread(rows["power_mw"], study.power),
        )
