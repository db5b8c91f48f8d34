"""Reproduce: the method, published figures beside ours, and the index of all tables."""

import base64
from functools import partial

import pandas as pd
from markupsafe import Markup

from dvs_snn.analysis.comparison import COMPUTED
from dvs_snn.files.tables import result_tables
from dvs_snn.report import text
from dvs_snn.report.finished_study import FinishedStudy
from dvs_snn.report.template import Context

ARITHMETIC = "same arithmetic"
"""The verdict on a printed number that was computed again from other printed numbers."""

NOT_COMPARABLE = "not comparable"

TIMINGS = "runtimes"
"""The table that differs from run to run: a page that held it would differ, too."""

LARGEST_DOWNLOAD = 20_000
"""Bytes of a table that the page holds; larger ones lie in the study's folder alone."""


def context(study: FinishedStudy) -> Context:
    """Return what the method's text needs: sizes of the study, its tables, published figures.

    `frame_events` tells whether training frames hold drawn numbers of events, not one number.
    """
    simulation = study.settings.simulation
    plans = [simulation.training["mnist-dvs"], simulation.training["saccades"]]
    is_drawn = any(plan.frame_events for plan in plans)
    return {
        "n_test": sum(simulation.symbols.test),
        "frame_events": study.origin.is_source_simulated and is_drawn,
        "tables": _tables(study),
        "published": _published(study.table("comparison")),
    }


def _published(comparison: pd.DataFrame) -> Context:
    """Published figures beside ours, but for those of other data."""
    computed = comparison["why"].astype(str).str.startswith(COMPUTED)
    is_arithmetic = computed & (comparison["verdict"] == "reproduced")
    verdict = comparison["verdict"].mask(is_arithmetic, ARITHMETIC)

    written = partial(text.significant, digits=4)
    rows = []
    for row, word in zip(comparison.to_dict("records"), verdict, strict=True):
        if word == NOT_COMPARABLE:
            continue
        is_point = row["ours_low"] == row["ours_high"]
        ours = written(row["ours"]) if is_point else text.interval_of(row, "ours", written)
        changed = {
            "quantity": "{quantity} ({unit})".format(**row).replace("_pj", " pJ").replace("_", " "),
            "published": written(row["published"]),
            "ours": ours,
            "published_source": text.cited(str(row["published_source"])),
            "verdict": word,
        }
        rows.append(row | changed)

    verdicts = verdict[verdict != ""]
    numbers = verdicts.value_counts(sort=False)
    powers = comparison.set_index("quantity")[["published", "ours"]].stack()
    return {
        "rows": rows,
        "verdicts": text.listed([f"{number} {word}" for word, number in numbers.items()]),
        "n": len(verdicts),
        "printed_mw": powers.get(("tutorial_power_printed", "published")),
        "correct_mw": powers.get(("tutorial_power_at_10_pj", "ours")),
    }


def _tables(study: FinishedStudy) -> list[Context]:
    """The study's tables: what a row is, and of the smaller ones an address that is its content."""
    tables = []
    for name, row in result_tables().items():
        frame = study.tables.get(name)
        if frame is None:
            continue
        address = None
        # A cell takes at least the byte that ends it: a large table needn't be written to be known.
        if name != TIMINGS and frame.size <= LARGEST_DOWNLOAD:
            written = frame.to_csv(index=False, lineterminator="\n").encode()
            if len(written) <= LARGEST_DOWNLOAD:
                data = base64.b64encode(written).decode("ascii")
                address = Markup(f"data:text/csv;base64,{data}")
        tables.append({"name": name, "row": row, "address": address})
    return tables
