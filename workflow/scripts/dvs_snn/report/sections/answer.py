"""The answer: what a reading costs at two accuracies, the CNN beside it, and the other sets."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.choosing.points import POINT
from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.report import live, text
from dvs_snn.report.cells import network_names, ordered, point_text
from dvs_snn.report.points import chosen_on, cnn_on, even_price, goals, reaching
from dvs_snn.report.sections.real import cautions, warnings
from dvs_snn.report.sections.recordings import predicted, shown_recordings
from dvs_snn.report.study import FinishedStudy
from dvs_snn.settings.set_names import VALIDATION

NO_GOAL = "no point reaches {} on validation"


def context(study: FinishedStudy) -> dict[str, Any]:
    sentences = list(_sentences(study))
    return {
        "title": _title(study),
        "warnings": cautions(study, [study.lead] if study.lead else []),
        "sentences": sentences,
        "picked": _picked(study),
        "closing": _closing(study),
        "figure": study.figure("answer", study.note_on([study.lead]), sentences[0]),
        "given": list(study.given),
    }


def headline_of(study: FinishedStudy) -> str:
    """Return the answer in lines of plain text, what is not a result, and warnings of sets."""
    lines = [*_sentences(study), *filter(None, [study.marks.on()])]
    sets = study.evaluation["set"].unique().tolist()
    lines += [f"warning: {text.seen(warning)}" for warning in warnings(study, sets)]
    # A log needs no spaces that don't break.
    return "".join(f"{text.seen(line)}\n" for line in lines).replace(text.NBSP, " ")


def _title(study: FinishedStudy) -> Markup | str:
    points = quoted(study)
    if not points:
        return "How accurate it is, this study can't say"
    first, last = points[0], points[-1]
    title = Markup("{} µJ a reading buys {}").format(_energy(first, study), _read(first))
    if last is not first:
        title += Markup(", {} µJ {}").format(_energy(last, study), _read(last))
    return title


def quoted(study: FinishedStudy) -> list[pd.Series]:
    """The points that the sentences quote, on the set that answers.

    They are the cheapest that reach `GOALS` on validation; without any the chosen one.
    """
    if not study.lead:
        return []
    chosen = chosen_point(study)
    return reaching(study.table("front"), study.lead) or ([] if chosen is None else [chosen])


def chosen_point(study: FinishedStudy) -> pd.Series | None:
    """The point that validation chose, on the set that answers: of early exit first.

    Without a choice it is a network as converted; None without any.
    """
    front = study.table("front")
    rows = chosen_on(front[front["scale"].notna()], study.lead)
    order = [EARLY_EXIT, *study.quoted.compared]
    places = rows["method"].map(lambda name: (*order, name).index(name))
    return rows.loc[places.idxmin()] if len(rows) else None


def _energy(point: pd.Series, study: FinishedStudy) -> Markup:
    return live.energy(point["energy_per_reading_uj"], point["time_to_exit_ms"], study.power)


def _read(point: pd.Series) -> str:
    return text.percent(point["accuracy"])


def _sentences(study: FinishedStudy) -> Iterator[Markup | str]:
    """The answer in two sentences, or what a study without a labelled set can tell."""
    points = quoted(study)
    if not points:
        yield from _without_sets(study)
        return
    first, front = points[0], study.table("front")
    stops = " that stops early" if all(point["method"] == EARLY_EXIT for point in points) else ""
    tried = goals(front, study.lead)
    missed = [goal.share for goal in tried if goal.point is None]
    no_goal = f", and {NO_GOAL.format(text.listed(map(text.whole_percent, missed)))}" * bool(missed)
    more = Markup("")
    if len(points) > 1:
        more = Markup(", and {} for {} µJ").format(_read(points[1]), _energy(points[1], study))
    timing = {"events": "handles one event at a time", "steps": "computes in time steps"}
    yield Markup(
        "On {n} {kind} ({set}) a spiking network{stops} reads <strong>{read}</strong> right "
        "for about <strong>{uj} µJ a reading</strong> ({mw} mW while it reads){more}{missed}, if "
        "a SynOp costs {pj} and a chip {timing}; static power counts as {static}, where a chip "
        "like Speck draws {floor}, or {floor_uj} a reading."
    ).format(
        n=text.count(_n_recordings(study, study.lead)),
        kind=f"{study.origin.kind(study.lead)} recordings",
        set=study.origin.called(study.lead),
        stops=stops,
        read=_read(first),
        uj=_energy(first, study),
        mw=live.power(first["power_while_reading_mw"], study.power),
        more=more,
        missed=no_goal,
        pj=live.synop_pj(study.power),
        timing=timing[study.settings.inference.timing],
        static=live.static_mw(study.power),
        floor=text.with_unit(live.FLOOR_MW, "mW", text.setting),
        floor_uj=text.with_unit(live.FLOOR_MW * first["time_to_exit_ms"], "µJ"),
    )
    stopping = cnn_on(front, study.lead, stops=True)
    cnn = cnn_on(front, study.lead) if stopping is None else stopping
    if cnn is not None:
        # One rule chose this point and the CNN's.
        chosen = chosen_point(study)
        rival = points[-1] if chosen is None else chosen
        price = live.priced(study.power.energy_per_synop_pj * even_price(rival, cnn), study.power)
        yield Markup(
            "The CNN{stops} reads {read} and is cheaper{than}, static power aside, where a MAC "
            "costs less than {price} pJ."
        ).format(
            stops="" if stopping is None else ", if it stops early and skips zeros,",
            read=_read(cnn),
            than=""
            if len(missed) == len(tried)
            else Markup(" than the network that validation chose ({} for {} µJ)").format(
                _read(rival), _energy(rival, study)
            ),
            price=price,
        )


def _n_recordings(study: FinishedStudy, name: str) -> float:
    rows = study.evaluation
    return rows.loc[rows["set"] == name, "n_recordings"].max()


def _picked(study: FinishedStudy) -> str:
    """How the quoted points were picked, and what they are."""
    points, names = quoted(study), network_names(study.table("front"))
    if not points:
        return ""
    words = text.listed([point_text(point, names) for point in points])
    sizes = study.evaluation.groupby("set")["n_symbols"].max()
    if VALIDATION not in sizes:
        return f"Without validation nothing was picked: this is the network as converted ({words})."
    things = "drawn digits" if study.classes.are_digits else "files"
    n = f"{text.count(sizes[VALIDATION])} other {things} (validation)"
    tried = goals(study.table("front"), study.lead)
    shares = [text.whole_percent(goal.share) for goal in tried if goal.point is not None]
    if not shares:
        return f"The point ({words}) was chosen on {n}: {study.rule}."
    n_trainings = text.plural(study.evaluation["seed"].nunique(), "training")
    return (
        f"The cheapest to read {text.listed(shares)} of {n}: {words}. Shares are means over "
        f"{n_trainings}; energies are counted, not measured on a chip."
    )


def _closing(study: FinishedStudy) -> str:
    """What the same points, or the chosen ones, read of every other set, and what lies beyond."""
    front, points = study.table("front"), quoted(study)
    if not points:
        return ""
    means = front[front["seed"].isna() & front["scale"].notna()]
    same = means.merge(pd.DataFrame(points, columns=front.columns)[POINT].drop_duplicates())
    parts = []
    for name in ordered(study.spiking["set"]):
        if name in (study.lead, VALIDATION):
            continue
        rows = same[same["set"] == name]
        if rows.empty:
            rows = chosen_on(means, name)
        read = text.listed(rows.sort_values("energy_per_reading_uj")["accuracy"].map(text.percent))
        beyond = study.spiking.loc[study.spiking["set"] == name, "n_beyond"].max()
        few = f", {text.count(beyond)} of them beyond training" if beyond > 0 else ""
        no = ", not a result" * (name in study.marks.sets)
        if read:
            n = text.count(_n_recordings(study, name))
            kind = f"{study.origin.kind(name)}, {n} recordings{few}{no}"
            parts.append(f"{read} of {study.origin.called(name)} ({kind})")
    return f"The same read {text.listed(parts)} right." if parts else ""


def _without_sets(study: FinishedStudy) -> Iterator[str | Markup]:
    """What a study tells without labelled recordings: of frames, and of each shown recording."""
    yield "This study has no labelled recordings, so it can't say how much a spiking network reads."
    frames = study.frames_only.dropna(subset="ann_accuracy")
    for name, rows in frames.groupby("set", sort=False):
        n, share = rows["n_frames"].max(), text.percent(rows["ann_accuracy"].mean())
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
