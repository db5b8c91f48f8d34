"""The answer in a few lines of plain text, for the terminal and Snakemake's own report."""

from dvs_snn.report import text
from dvs_snn.report.methods import answer_sets
from dvs_snn.report.sections.checks import warnings
from dvs_snn.report.sections.recordings import shown_recordings
from dvs_snn.report.study import FinishedStudy


def headline_of(study: FinishedStudy) -> str:
    """Return the answer, and the warning of each set whose recordings are not plausible."""
    lines = _answer(study) if len(study.chosen) else _without_choice(study)
    lines += [f"warning: {warning}" for warning in warnings(study.table("checks"))]
    # A log needs no spaces that don't break.
    return "".join(f"{line}\n" for line in lines).replace(text.NBSP, " ")


def _answer(study: FinishedStudy) -> list[str]:
    """The best method on the leading set, means over the seeds; without it a line a variant."""
    best, lead = study.quoted.best, answer_sets(study.chosen["set"])[0]
    rows = study.chosen[study.chosen["set"] == lead]
    rows = rows[rows["method"] == best] if best else rows
    word = "simulated recording" if study.origin.is_simulated(lead) else "recording"
    return [
        f"{name} reads {text.share(part['accuracy'].mean(), part['n_symbols'].max())} of {lead} "
        f"right at {text.significant(part['power_mw'].mean())} mW "
        f"({text.plural(part['n_recordings'].max(), word)}, {text.plural(len(part), 'seed')})"
        for name, part in rows.groupby("method" if best else "variant", sort=False)
    ]


def _without_choice(study: FinishedStudy) -> list[str]:
    """The CNN alone on frames without recordings, and the power on each shown recording."""
    frames = study.frames_only.dropna(subset="ann_accuracy")
    shown, _ = shown_recordings(study)
    return [
        f"the CNN alone reads {text.spread(rows['ann_accuracy'], text.percent)} of {name}"
        for name, rows in frames.groupby("set", sort=False)
    ] + [
        f"recording {name}: {text.spread(rows['power_mw'], text.significant)} mW"
        for name, rows in shown.groupby("recording", sort=False)
    ]
