"""The answer: accuracy and cost at the chosen points, and how sure the choice is."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.evaluation.choosing.choice import BEST
from dvs_snn.evaluation.choosing.trials import EARLY_EXIT
from dvs_snn.report import live, text
from dvs_snn.report.cells import answer_sets, flagged, in_order, is_known, point_text
from dvs_snn.report.sections.recordings import predicted, shown_recordings
from dvs_snn.report.sections.sets import cautions, warnings
from dvs_snn.report.study import FinishedStudy


def context(study: FinishedStudy) -> dict[str, Any]:
    sets = answer_sets(study.spiking["set"])
    points = _points(study, sets)
    on_frames = study.frames_only.groupby(["set", "variant"], sort=False)
    given = study.evaluation[study.evaluation["variant"].isin(study.given)]
    return {
        "sets": sets,
        "lead": _lead(points.iloc[0], study) if len(points) else None,
        "warnings": cautions(study, sets),
        "choice": _choice(study, points["method"].iloc[0]) if len(points) else None,
        "several": points["method"].nunique() > 1,
        "rows": points,
        "origins": _origins(study),
        "frames": [_on_frames(rows) for _, rows in on_frames],
        "given": given["variant"].astype(str).unique().tolist(),
        "n_given_seeds": given["seed"].nunique(),
        "recordings": [_read_recording(rows, study) for _, rows in _shown(study)],
    }


def headline_of(study: FinishedStudy) -> str:
    """Return the answer in lines of plain text, what is not a result, and warnings of sets."""
    lines = _answer_lines(study) or _lines_without_choice(study)
    sets = study.evaluation["set"].unique().tolist()
    lines += [study.marks.on()] if study.marks.on() else []
    lines += [f"warning: {text.seen(warning)}" for warning in warnings(study, sets)]
    # A log needs no spaces that don't break.
    return "".join(f"{line}\n" for line in lines).replace(text.NBSP, " ")


def _answer_lines(study: FinishedStudy) -> list[str]:
    """The leading point on the leading set, means over the seeds; without a choice every one."""
    points = _points(study, answer_sets(study.spiking["set"])[:1])
    lines, floor = [], f"{live.FLOOR_MW:g} mW"
    for _, point in points[:1].iterrows() if study.quoted.best else points.iterrows():
        lead = _lead(point, study)
        name = point["method"] if study.quoted.best else point["variant"]
        lines.append(
            f"{name} ({lead['words']}) reads {lead['share']} of {lead['set']} right for "
            f"{lead['energy']} µJ a reading of {text.significant(lead['time_to_exit_ms'])} ms, "
            f"{lead['power']} mW while it reads; with Speck's floor of {floor} "
            f"{lead['floored_uj']} µJ, {lead['floored_mw']} mW "
            f"({lead['n_recordings']}, {lead['n_seeds']})"
        )
    return [Markup(line).striptags() for line in lines]


def _lines_without_choice(study: FinishedStudy) -> list[str]:
    """The CNN alone on frames without recordings, and the power on each shown recording."""
    frames = study.frames_only.dropna(subset="ann_accuracy")
    return [
        f"the CNN alone reads {text.spread(rows['ann_accuracy'], text.percent)} of {name}"
        for name, rows in frames.groupby("set", sort=False)
    ] + [
        f"recording {name}: {text.spread(rows['power_mw'], text.significant)} mW"
        for name, rows in _shown(study)
    ]


def _shown(study: FinishedStudy) -> Iterable[tuple[str, pd.DataFrame]]:
    """The rows of each recording A, B, C in the study's timing."""
    rows, _ = shown_recordings(study, study.settings.inference.timing)
    return rows.groupby("recording", sort=False)


def _points(study: FinishedStudy, sets: list[str]) -> pd.DataFrame:
    """The quoted points on the answer's sets, means over the seeds; the answer's stands first.

    That is early exit's, whose network really stops; without one the best method's.
    """
    front = study.table("front").dropna(subset="scale")
    several = front.groupby("method")["variant"].nunique() > 1
    points = front[flagged(front["chosen"]) & front["seed"].isna() & front["set"].isin(sets)]
    points = points.assign(
        words=[point_text(row, several[row["method"]]) for row in points.to_dict("records")],
        share=[text.interval_of(row) for row in points.to_dict("records")],
    )
    order = [EARLY_EXIT, *study.quoted.compared, *in_order(points["method"])]
    place = points["method"].map(order.index)
    return points.assign(place=place).sort_values("place", kind="stable", ignore_index=True)


def _lead(point: pd.Series, study: FinishedStudy) -> dict[str, Any]:
    """What the first screen tells of a point: its cost, how sure it is, and the CNN beside it."""
    rows = study.spiking
    rows = rows[(rows["set"] == point["set"]) & (rows["variant"] == point["variant"])]
    silent = rows.loc[rows["scale"] == point["scale"], "silent_fraction"]
    macs, ann_accuracy = rows[["ann_macs_per_3000_events", "ann_accuracy"]].astype(float).mean()
    word = "simulated recording" if study.origin.is_simulated(point["set"]) else "recording"
    n, settings = int(point["n_symbols"]), study.power
    spent = point["energy_per_reading_uj"], point["time_to_exit_ms"]
    return {
        **point,
        "interval": text.from_to(
            *map(text.percent, (point["accuracy_low"], point["accuracy_high"]))
        ),
        "n_recordings": text.plural(rows["n_recordings"].max(), word),
        "n_seeds": text.plural(rows["seed"].nunique(), "seed"),
        "energy": live.energy(*spent, settings),
        "energy_band": live.band(spent[0], settings, spent[1]),
        "power": live.power(point["power_while_reading_mw"], settings),
        "floored_uj": live.floored(*spent, settings),
        "floored_mw": live.floored(point["power_while_reading_mw"], 1.0, settings),
        "silent": silent.mean(),
        "ann_accuracy": ann_accuracy,
        "ann_share": text.share(ann_accuracy, n),
        "macs": text.with_unit(macs if macs > 0 else None, "M", text.millions),
        "synops_per_mac": point["synops_per_3000_events"] / macs if macs > 0 else None,
    }


def _choice(study: FinishedStudy, method: str) -> Mapping[str, Any] | None:
    """The choice of a method's point in words; None where nothing was chosen.

    Of a method of several variants the range of scales is empty: they make no grid.
    """
    rows = study.quoted.rows
    rows = rows[rows["method"] == method]
    if rows.empty:
        return None
    row, tried = rows.iloc[0], study.spiking
    of_method = tried if method == EARLY_EXIT else tried[tried["method"] == method]
    margin = f"{row['within_points']:g} percentage point{'' if row['within_points'] == 1 else 's'}"
    is_best, scales = row["rule"] == BEST, ""
    if is_known(row["scale_low"]):
        scales = text.from_to(f"{row['scale_low']:.2f}", f"{row['scale_high']:.2f}")
    return {
        **row,
        "rule": "most accurate" if is_best else f"cheapest within {margin} of the best",
        "point": point_text(row, of_method["variant"].nunique() > 1),
        "scales": scales,
        "synops": text.from_to(*map(text.millions, (row["synops_low"], row["synops_high"]))),
    }


def _on_frames(rows: pd.DataFrame) -> dict[str, str]:
    """What the CNN reads of frames that come without recordings."""
    frames = rows["n_frames"].max()
    known = text.plural(frames, "frame") if is_known(frames) else "an unknown number of frames"
    return {
        "set": rows["set"].iloc[0],
        "variant": rows["variant"].iloc[0],
        "accuracy": text.spread(rows["ann_accuracy"], text.percent),
        "n_frames": known,
    }


def _read_recording(rows: pd.DataFrame, study: FinishedStudy) -> dict[str, Any]:
    """What each network read in a recording, and the power needed."""
    several = rows["variant"].nunique() > 1
    reads = [
        f"{predicted(row)} ({row['variant'] + ', ' if several else ''}seed {row['seed']:g})"
        for row in rows.to_dict("records")
    ]
    return {
        "name": rows["recording"].iloc[0],
        "label": text.label_text(rows["label"].iloc[0]),
        "reads": text.listed(reads),
        "power": live.spread(rows["power_mw"], study.power),
        "power_mw": rows["power_mw"].mean(),
    }


def _origins(study: FinishedStudy) -> list[dict[str, str]]:
    """Where the recordings of each evaluated set come from."""
    sizes = study.evaluation.groupby("set", sort=False)["n_recordings"].max().dropna()
    return [
        {
            "set": str(name),
            "kind": study.origin.kind(name),
            "n": text.plural(n, "recording") + ", not a result" * (name in study.marks.sets),
        }
        for name, n in sizes.items()
    ]
