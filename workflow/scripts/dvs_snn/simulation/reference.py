"""What recordings are compared with before a study has run: its frames, or a few simulated ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.recordings.facts import facts_of
from dvs_snn.recordings.frames import accumulate, training_rule
from dvs_snn.recordings.placement import place, placement_of
from dvs_snn.recordings.plausibility.checks import Training
from dvs_snn.recordings.plausibility.pictures import SHOWN, gathered, spread, trained_frames
from dvs_snn.recordings.plausibility.ranges import read_seen, seen_in
from dvs_snn.settings.data import Classes
from dvs_snn.settings.frames import FrameRule
from dvs_snn.simulation.symbols import load_symbols
from dvs_snn.simulation.takes import training_takes, varied_take

PER_DIGIT = 8
"""Simulated recordings of each digit in each scene."""


def training_of(settings: Mapping[str, Any], results: Path, progress: Progress) -> Training:
    """Return what trained the networks of a whole study, or will: the frames among its results.

    Without them simulated digits stand for them, whose quantities count in a simulated study alone.
    """
    frames, index = (results / "frames" / name for name in ("frames.npy", "index.csv"))
    is_simulated = settings["data"]["source"] == "simulated"
    table = results / ("frames/facts.csv" if is_simulated else "recordings/split.csv")
    if frames.exists() and index.exists():
        seen = read_seen([table] if table.exists() else [])
        return Training(seen, trained_frames(frames, index), is_simulated)
    if not Classes(settings["data"]["classes"]).are_digits:
        return Training()
    simulation, seed = settings["simulation"], settings["seed"]
    symbols = load_symbols(simulation["symbols"], seed)
    takes = training_takes(simulation, symbols)
    some = spread(np.array([f"{take.scene} {take.label}" for take in takes]), PER_DIGIT)
    facts, made = [], []
    with progress.bar(len(some), "recording", "simulated to compare with") as bar:
        for take in (takes[number] for number in some):
            plan = simulation["training"][take.scene]
            recording = varied_take(take, symbols, simulation, seed, plan["step_ms"])
            placed = place(recording, placement_of(simulation["scenes"][take.scene]))
            name = ("frame events", take.scene, take.symbol, take.size or 0, take.index)
            rule = FrameRule(**settings["frames"])
            rule = training_rule(rule, plan["frame_events"], generator(seed, *name))
            facts.append(facts_of(recording, placed))
            made.append((take.label, list(accumulate(placed, rule))))
            bar.advance(1)
    seen = seen_in(pd.DataFrame(facts) if is_simulated else None)
    return Training(seen, gathered(made, SHOWN), is_simulated=True)
