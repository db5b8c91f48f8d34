"""What recordings are compared with before a study has run: its frames, or a few simulated ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.events.facts import Facts, facts_of
from dvs_snn.events.frames import Frame, accumulate, training_rule
from dvs_snn.events.placement import counts, place, placement_of
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.plausibility.checks import trained_images
from dvs_snn.plausibility.judging import Training
from dvs_snn.plausibility.orientations import mean_images
from dvs_snn.plausibility.pictures import SHOWN, Frames, gathered, spread, trained_frames
from dvs_snn.plausibility.quantities import read_seen, seen_in
from dvs_snn.settings.data import Classes
from dvs_snn.settings.frames import FrameRule
from dvs_snn.simulation.symbols import Symbols, load_symbols
from dvs_snn.simulation.takes import Take, training_takes, varied_take

PER_DIGIT = 8
"""Simulated recordings of each digit in each scene."""


@dataclass(frozen=True)
class Reference:
    """What recordings are compared with.

    Attributes:
        training: its images and quantities.
        frames: some of its frames.
        has_run: whether the frames are the study's own; else they were simulated to compare with.
        is_simulated: whether no sensor made the frames.
    """

    training: Training
    frames: Frames
    has_run: bool
    is_simulated: bool


@dataclass(frozen=True, eq=False)
class _Simulated:
    """A simulated training recording: its events per network pixel, its facts and its frames."""

    label: int
    pixels: np.ndarray
    facts: Facts
    frames: list[Frame]


def reference_of(settings: Mapping[str, Any], results: Path, progress: Progress) -> Reference:
    """Return what trained a study's networks, or will, with frames to look at.

    Arguments as of `training_of`.
    """
    frames, index = (results / "frames" / name for name in ("frames.npy", "index.csv"))
    is_simulated = settings["data"]["source"] == "simulated"
    table = results / ("frames/facts.csv" if is_simulated else "recordings/split.csv")
    if frames.exists() and index.exists():
        known = [table] if table.exists() else []
        training = Training(read_seen(known), trained_images(frames, index))
        return Reference(
            training, trained_frames(frames, index), has_run=True, is_simulated=is_simulated
        )
    if not Classes(settings["data"]["classes"]).are_digits:
        return Reference(Training(), gathered([], SHOWN), has_run=False, is_simulated=False)
    symbols = load_symbols(settings["simulation"]["symbols"], settings["seed"])
    takes = some_takes(training_takes(settings["simulation"], symbols))
    found = list(_simulated(takes, symbols, settings, progress))
    images = mean_images((one.label, one.pixels) for one in found)
    seen = seen_in(pd.DataFrame(one.facts for one in found) if is_simulated else None)
    shown = gathered(((one.label, one.frames) for one in found), SHOWN)
    return Reference(Training(seen, images), shown, has_run=False, is_simulated=True)


def training_of(settings: Mapping[str, Any], results: Path, progress: Progress) -> Training:
    """Return what trained a study's networks, or will: its images, and its quantities if known.

    Where the study has made its frames, they are read. Otherwise some training recordings are
    simulated: of a simulated study they tell quantities too, of others the digits alone. Of other
    classes than digits nothing is known then.

    Args:
        settings: the whole study's, as :func:`~dvs_snn.settings.study.as_dict` gives them.
        results: folder of the study's results.
    """
    return reference_of(settings, results, progress).training


def some_takes(takes: Sequence[Take]) -> list[Take]:
    """Return `PER_DIGIT` takes of each digit in each scene, evenly spread over its own."""
    kinds = np.array([f"{take.scene} {take.label}" for take in takes])
    return [takes[place] for place in spread(kinds, PER_DIGIT)]


def _simulated(
    takes: Sequence[Take], symbols: Symbols, settings: Mapping[str, Any], progress: Progress
) -> Iterator[_Simulated]:
    """Yield the recording of each take."""
    simulation, seed = settings["simulation"], settings["seed"]
    own_rule = FrameRule(**settings["frames"])
    with progress.bar(len(takes), "recording", "simulated to compare with") as bar:
        for take in takes:
            plan = simulation["training"][take.scene]
            recording = varied_take(take, symbols, simulation, seed, plan["step_ms"])
            placed = place(recording, placement_of(simulation["scenes"][take.scene]))
            name = ("frame events", take.scene, take.symbol, take.size or 0, take.index)
            rule = training_rule(own_rule, plan["frame_events"], generator(seed, *name))
            pixels = counts(placed.row, placed.column)
            frames = list(accumulate(placed, rule))
            yield _Simulated(take.label, pixels, facts_of(recording, placed), frames)
            bar.advance(1)
