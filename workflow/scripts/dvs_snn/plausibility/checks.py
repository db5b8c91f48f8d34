"""The table of checks: each set's quantities beside training's, and what was found."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.datasets.frame_store import open_frames, read_index, split_rows
from dvs_snn.datasets.step_store import BinnedSet, open_steps
from dvs_snn.plausibility.columns import CHECK_TABLE
from dvs_snn.plausibility.finding import Finding, as_yaml
from dvs_snn.plausibility.judging import Training, judge, warning_of
from dvs_snn.plausibility.orientations import Images, mean_images
from dvs_snn.plausibility.pictures import spread
from dvs_snn.plausibility.quantities import (
    PER_STEP,
    QUANTITIES,
    in_steps,
    per_step,
    quantities,
    read_seen,
)
from dvs_snn.plausibility.ranges import beyond
from dvs_snn.settings.data import DIGITS, TEN_DIGITS, Classes
from dvs_snn.sources.split_table import read_split

WITHOUT_NUMBERS = ("time_unit", "sensor_size", "orientation")

_log = logging.getLogger(__name__)


def check_rows(
    name: str,
    rows: pd.DataFrame,
    step_ms: float,
    training: Training,
    findings: Sequence[Finding],
    classes: Classes = TEN_DIGITS,
) -> list[dict[str, Any]]:
    """Return the rows of a set: each quantity, then the checks that have no number.

    Args:
        rows: of its split table.
        findings: as `judge` returns them.
    """
    told = {finding.check: finding for finding in findings}
    seen = in_steps(training.seen, step_ms)
    found = pd.concat([quantities(rows), per_step(rows, step_ms)], axis=1)
    is_beyond = beyond(found, seen)
    table = []
    for check in [*found.columns, *WITHOUT_NUMBERS, classes.words]:
        row: dict[str, Any] = {"set": name, "check": check, "n_recordings": len(rows)}
        if check in found:
            values = found[check]
            row |= {"unit": (QUANTITIES | PER_STEP)[check]}
            row |= dict(zip(("smallest", "median", "largest"), _levels(values), strict=True))
            if check in seen.index:
                trained = seen.loc[check, ["smallest", "median", "largest"]].add_prefix("training_")
                row |= dict(trained.round(6)) | {"n_beyond": int(is_beyond[check].sum())}
        finding = told.get(check)
        row["verdict"] = finding.verdict if finding else "plausible"
        row["finding"] = str(finding) if finding else ""
        row["remedy"] = ", ".join(as_yaml(finding.remedy)) if finding else ""
        table.append(row)
    return table


def _levels(values: pd.Series) -> list[float]:
    return [round(float(level), 6) for level in (values.min(), values.median(), values.max())]


def trained_images(frames: Path, index: Path) -> Images:
    """Return the mean image of each class from the frames that train, some of each class."""
    pixels, table = open_frames(frames), read_index(index, ["label", "split"])
    rows = split_rows(table, "train")
    labels = table["label"].to_numpy()[rows]
    return mean_images((int(labels[number]), pixels[rows[number], 0]) for number in spread(labels))


def set_images(binned: BinnedSet) -> Images:
    """Return the mean image of each class of a stored set, from some recordings of each class."""

    def some() -> Iterator[tuple[int, np.ndarray]]:
        wanted = set(spread(binned.table["label"].to_numpy()))
        for number, recording in enumerate(binned):
            if number in wanted:
                yield recording.label, recording.steps.pixel_counts()[0]

    return mean_images(some())


def check_sets(
    sets: Mapping[str, Mapping[str, Any]],
    paths: Mapping[str, Sequence[Path]],
    facts: Sequence[Path],
    frames: Path,
    index: Path,
    step_ms: float,
    classes: Sequence[str] = DIGITS,
) -> pd.DataFrame:
    """Return ``checks.csv`` of a study's sets; a set's warning goes to the log too.

    Args:
        sets: how the files of each set are read and placed, by its name.
        paths: of the sets, in their order: `splits`, `steps` and `tables`.
        facts: table of the training recordings, if the study has one.
        frames, index: the frames that train.
    """
    training = Training(read_seen(facts), trained_images(frames, index))
    called = Classes(classes)
    table = []
    files = zip(sets.items(), *(paths[kind] for kind in ("splits", "steps", "tables")), strict=True)
    for (name, where), split, steps, steps_table in files:
        rows = read_split(split)
        rows = rows[rows["split"] == name]
        images = set_images(open_steps(steps, steps_table))
        findings = judge(rows, where, step_ms, training, images, called)
        if warning := warning_of(f"set {name}", findings):
            _log.warning(warning)
        table += check_rows(name, rows, step_ms, training, findings, called)
    return pd.DataFrame(table, columns=list(CHECK_TABLE))
