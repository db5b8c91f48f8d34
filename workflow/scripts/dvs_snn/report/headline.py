"""The answer in a few lines of plain text, for the terminal and Snakemake's own report."""

import pandas as pd

from dvs_snn.evaluation.statistics import wilson_interval
from dvs_snn.report import text
from dvs_snn.report.cells import is_known
from dvs_snn.report.material import Material
from dvs_snn.report.methods import answer_sets
from dvs_snn.report.sections.checks import warnings
from dvs_snn.report.sections.recordings import shown_recordings


def headline(material: Material) -> list[str]:
    """Return the answer, and the warning of each set whose recordings are not plausible."""
    return _answer(material) + [f"warning: {one}" for one in warnings(material.table("checks"))]


def _answer(material: Material) -> list[str]:
    """The chosen point on the leading set; else a line a variant, or frame set and recording."""
    rows, best = material.chosen, material.best_method
    if rows.empty:
        return _frame_lines(material) + _recording_lines(material)
    lead = answer_sets(rows["set"])[0]
    column = "variant" if best is None else "method"
    rows = rows[rows["set"] == lead]
    rows = rows if best is None else rows[rows["method"] == best]
    return [_set_line(str(name), part, material) for name, part in rows.groupby(column, sort=False)]


def _set_line(name: str, rows: pd.DataFrame, material: Material) -> str:
    """One network on one set, means over the seeds."""
    lead = rows["set"].iloc[0]
    accuracy = rows["accuracy"].mean()
    interval = wilson_interval(accuracy, int(rows["n_symbols"].max()))
    word = "simulated recording" if material.origin.is_simulated(lead) else "recording"
    return _plain(
        f"{name} reads {text.with_interval(accuracy, *interval)} of {lead} right at "
        f"{text.significant(rows['power_mw'].mean())} mW "
        f"({text.plural(rows['n_recordings'].max(), word)}, {text.plural(len(rows), 'seed')})"
    )


def _frame_lines(material: Material) -> list[str]:
    """The CNN alone, of a study whose frames come without recordings."""
    rows = material.frames_only
    rows = rows[rows["ann_accuracy"].map(is_known)]
    return [
        _plain(f"the CNN alone reads {text.spread(part['ann_accuracy'], text.percent)} of {name}")
        for name, part in rows.groupby("set", sort=False)
    ]


def _recording_lines(material: Material) -> list[str]:
    """The power on each shown recording, of a study that has no labelled set."""
    shown, _ = shown_recordings(material)
    return [
        _plain(f"recording {name}: {text.spread(rows['power_mw'], text.significant)} mW")
        for name, rows in shown.groupby("recording", sort=False)
    ]


def _plain(line: str) -> str:
    """Without the spaces that don't break, which a log doesn't need."""
    return line.replace(text.NBSP, " ")
