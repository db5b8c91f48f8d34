"""What recordings are compared with before a study has run: its frames, or a few simulated ones."""

from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.files.arrays import picked_by_label
from dvs_snn.files.job import Progress
from dvs_snn.recordings.plausibility.checks import Training
from dvs_snn.recordings.plausibility.look import SHOWN, gathered, trained_frames
from dvs_snn.recordings.plausibility.ranges import read_seen, seen_in
from dvs_snn.settings.data import Classes
from dvs_snn.settings.study_settings import Study
from dvs_snn.simulation.drawn_symbols import load_symbols
from dvs_snn.simulation.takes import training_takes
from dvs_snn.simulation.training_recordings import frames_of

PER_DIGIT = 8
"""Simulated recordings of each digit in each scene."""


def training_of(study: Study, results: Path, progress: Progress) -> Training:
    """Return what trained the networks of a whole study, or will train them.

    Those are the frames among its results. Where there are none yet, simulated digits take their
    place; their quantities are compared in a simulated study alone.
    """
    folder = results / "work/frames"
    frames = folder / "frames.npy"
    is_simulated = study.data.source == "simulated"
    if frames.exists():
        table = folder / "facts.csv" if is_simulated else results / "work/recordings/split.csv"
        seen = read_seen([table] if table.exists() else [])
        return Training(seen, trained_frames(frames, folder / "index.csv"), is_simulated)
    if not Classes(study.data.classes).are_digits:
        return Training()

    symbols = load_symbols(study.simulation.symbols, study.seed)
    simulation = study.simulation.of_scenes("mnist-dvs", "saccades", training=True)
    takes = training_takes(simulation.training, symbols)
    kinds = np.array([f"{take.scene} {take.label}" for take in takes])
    chosen = picked_by_label(kinds, PER_DIGIT)
    facts = []
    shown = []
    with progress.bar(len(chosen), "recording", "simulated to compare with") as bar:
        for number in chosen:
            take = takes[number]
            made, facts_of_take = frames_of(take, symbols, simulation, study.frames, study.seed)
            facts.append(facts_of_take)
            shown.append((take.label, made))
            bar.advance(1)
    seen = seen_in(pd.DataFrame(facts) if is_simulated else None)
    return Training(seen, gathered(shown, SHOWN), is_simulated=True)
