"""What recordings are compared with before a study has run: its frames, or a few simulated ones."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.events.facts import facts_of
from dvs_snn.events.placement import counts, place, placement_of
from dvs_snn.files.job import Progress
from dvs_snn.plausibility.checks import spread, trained_images
from dvs_snn.plausibility.judging import Training
from dvs_snn.plausibility.orientations import mean_images
from dvs_snn.plausibility.quantities import read_seen, seen_in
from dvs_snn.settings.data import Classes
from dvs_snn.simulation.symbols import Symbols, load_symbols
from dvs_snn.simulation.takes import Take, training_takes, varied_take

PER_DIGIT = 8
"""Simulated recordings of each digit in each scene."""


def training_of(settings: Mapping[str, Any], results: Path, progress: Progress) -> Training:
    """Return what trained a study's networks, or will: its images, and its quantities if known.

    Where the study has made its frames, they are read. Otherwise some training recordings are
    simulated: of a simulated study they tell quantities too, of others the digits alone. Of other
    classes than digits nothing is known then.

    Args:
        settings: the whole study's, as :func:`~dvs_snn.settings.study.as_dict` gives them.
        results: folder of the study's results.
    """
    frames, index = (results / "frames" / name for name in ("frames.npy", "index.csv"))
    is_simulated = settings["data"]["source"] == "simulated"
    table = results / ("frames/facts.csv" if is_simulated else "recordings/split.csv")
    if frames.exists() and index.exists():
        known = [table] if table.exists() else []
        return Training(read_seen(known), trained_images(frames, index))
    if not Classes(settings["data"]["classes"]).are_digits:
        return Training()
    symbols = load_symbols(settings["simulation"]["symbols"], settings["seed"])
    takes = some_takes(training_takes(settings["simulation"], symbols))
    found = list(_simulated(takes, symbols, settings, progress))
    images = mean_images((take.label, pixels) for take, _, pixels in found)
    seen = seen_in(pd.DataFrame(facts for _, facts, _ in found) if is_simulated else None)
    return Training(seen, images)


def some_takes(takes: Sequence[Take]) -> list[Take]:
    """Return `PER_DIGIT` takes of each digit in each scene, evenly spread over its own."""
    kinds = np.array([f"{take.scene} {take.label}" for take in takes])
    return [takes[place] for place in spread(kinds, PER_DIGIT)]


def _simulated(
    takes: Sequence[Take], symbols: Symbols, settings: Mapping[str, Any], progress: Progress
) -> Iterator[tuple[Take, Any, np.ndarray]]:
    """Yield each take, the facts of its recording and its events per network pixel."""
    simulation = settings["simulation"]
    with progress.bar(len(takes), "recording", "simulated to compare with") as bar:
        for take in takes:
            step_ms = simulation["training"][take.scene]["step_ms"]
            recording = varied_take(take, symbols, simulation, settings["seed"], step_ms)
            placed = place(recording, placement_of(simulation["scenes"][take.scene]))
            yield take, facts_of(recording, placed), counts(placed.row, placed.column)
            bar.advance(1)
