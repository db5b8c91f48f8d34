"""The answer: what a reading costs at two accuracies, the CNN beside it, and the other sets."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from markupsafe import Markup

from dvs_snn.analysis.points import POINT
from dvs_snn.analysis.trials import EARLY_EXIT
from dvs_snn.report import live, text
from dvs_snn.report.cells import is_known, ordered
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.front_rows import cnn_on, even_price, points_on
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
    points = study.quoted_points
    if not points:
        return "How accurate it is, this study can't say"
    title = Markup("{} µJ a reading buys {}").format(_energy(points[0], study), _read(points[0]))
    if len(points) > 1:
        title += Markup(", {} µJ {}").format(_energy(points[-1], study), _read(points[-1]))
    return title


def _energy(point: pd.Series, study: FinishedStudy) -> Markup:
    return live.energy(point["energy_per_reading_uj"], point["time_to_exit_ms"], study.power)


def _read(point: pd.Series) -> str:
    return text.percent(point["accuracy"])


def _sentences(study: FinishedStudy) -> Iterator[str]:
    """The answer in two sentences, or what a study without a labelled set can tell."""
    if study.lead is None or not study.quoted_points:
        yield from _without_sets(study)
        return
    yield _spiking_sentence(study, study.lead)
    cnn = _cnn(study)
    if cnn is not None:
        yield _cnn_sentence(study, cnn)
    yield from _differing(study)


def _spiking_sentence(study: FinishedStudy, lead: str) -> Markup:
    """What the quoted points read of the set that answers, and for how much energy."""
    points = study.quoted_points
    first = points[0]
    missed = [goal.share for goal in study.goals if goal.point is None]

    no_goal = ""
    if missed:
        shares = text.listed(map(text.whole_percent, missed))
        no_goal = f", and no point reaches {shares} on validation"

    more = ""
    if len(points) > 1:
        more = Markup(", and {} for {} µJ").format(_read(points[1]), _energy(points[1], study))

    all_stop = all(point["method"] == EARLY_EXIT for point in points)
    timing = {"events": "handles one event at a time", "steps": "computes in time steps"}
    return Markup(
        "On {n} {kind} ({set}) a spiking network{stops} reads <strong>{read}</strong> right "
        "for about <strong>{uj} µJ a reading</strong> ({mw} mW while it reads){more}{missed}, if "
        "a SynOp costs {pj} and a chip {timing}; static power counts as {static}, where a chip "
        "like Speck draws {floor}, or {floor_uj} a reading."
    ).format(
        n=text.count(_n_recordings(study, lead)),
        kind=f"{study.origin.kind(lead)} recordings",
        set=study.origin.called(lead),
        stops=" that stops early" if all_stop else "",
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


def _cnn_sentence(study: FinishedStudy, cnn: pd.Series) -> Markup:
    """Below which price of a MAC the CNN is cheaper than the point that one rule chose with it."""
    chosen = study.chosen_point
    rival = study.quoted_points[-1] if chosen is None else chosen
    price = study.power.energy_per_synop_pj * even_price(rival, cnn)

    beside = ""
    if any(goal.point is not None for goal in study.goals):
        beside = Markup(" than the network that validation chose ({} for {} µJ)").format(
            _read(rival), _energy(rival, study)
        )

    return Markup(
        "The CNN{stops} reads {read} and is cheaper{beside}, static power aside, where a MAC "
        "costs less than {price} pJ."
    ).format(
        stops=", if it stops early and skips zeros," if is_known(cnn["exit"]) else "",
        read=_read(cnn),
        beside=beside,
        price=live.priced(price, study.power),
    )


def _cnn(study: FinishedStudy) -> pd.Series | None:
    """The CNN that the sentences quote: it stops early, if validation chose an exit."""
    stopping = cnn_on(study.front, study.lead, stops=True)
    return cnn_on(study.front, study.lead) if stopping is None else stopping


def _differing(study: FinishedStudy) -> Iterator[str]:
    """Which quoted networks read a set of the user's otherwise than simulated ones of its kind."""
    quoted = [*study.quoted_points, study.chosen_point, _cnn(study)]
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
    """How the quoted points were picked, and what they are."""
    points = study.quoted_points
    if not points:
        return ""
    words = text.listed(study.in_words(point) for point in points)

    sizes = study.evaluation.groupby("set")["n_symbols"].max()
    if VALIDATION not in sizes:
        return f"Without validation nothing was picked: this is the network as converted ({words})."
    things = "drawn digits" if study.classes.are_digits else "files"
    n = f"{text.count(sizes[VALIDATION])} other {things} (validation)"
    shares = [text.whole_percent(goal.share) for goal in study.goals if goal.point is not None]
    if not shares:
        return f"The point ({words}) was chosen on {n}: {study.rule}."
    n_trainings = text.plural(study.evaluation["seed"].nunique(), "training")
    return (
        f"The cheapest to read {text.listed(shares)} of {n}: {words}. Shares are means over "
        f"{n_trainings}; energies are counted, not measured on a chip."
    )


def _closing(study: FinishedStudy) -> str:
    """What the same points, or the chosen ones, read of every other set, and what lies beyond."""
    if not study.quoted_points:
        return ""
    parts = []
    for name in ordered(study.spiking["set"]):
        rows = points_on(study.quoted_points, study.front, name)
        if name in (study.lead, VALIDATION) or rows.empty:
            continue
        read = text.listed(rows["accuracy"].map(text.percent))
        kind = f"{study.origin.kind(name)}, {text.count(_n_recordings(study, name))} recordings"
        beyond = study.spiking.merge(rows[["set", "variant", "scale"]])["n_beyond"].max()
        if beyond > 0:
            kind += f", {text.count(beyond)} of them beyond training"
        if name in study.marks.sets:
            kind += ", not a result"
        parts.append(f"{read} of {study.origin.called(name)} ({kind})")
    return f"The same read {text.listed(parts)} right." if parts else ""


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
