"""What recordings are compared with before a study has run: its frames, or a few simulated ones."""

from pathlib import Path

import numpy as np

from dvs_snn.files.arrays import picked_by_label
from dvs_snn.files.job import Progress
from dvs_snn.recordings.plausibility.look import SHOWN, Training, gathered, trained_frames
from dvs_snn.settings.data import Classes
from dvs_snn.settings.study_settings import Study
from dvs_snn.simulation.drawn_symbols import load_symbols
from dvs_snn.simulation.takes import training_takes
from dvs_snn.simulation.training_recordings import frames_of

PER_DIGIT = 8
"""Simulated recordings of each digit in each scene."""


def training_of(study: Study, results: Path, progress: Progress) -> Training:
    """Return frames that trained the networks of a whole study, or will train them.

    Where its results hold none yet, simulated digits take their place.
    """
    frames = results / "work/frames/frames.npy"
    if frames.exists():
        index = frames.with_name("index.csv")
        return Training(trained_frames(frames, index), study.data.source == "simulated")
    if not Classes(study.data.classes).are_digits:
        return Training()

    symbols = load_symbols(study.simulation.symbols, study.seed)
    simulation = study.simulation.of_scenes("mnist-dvs", "saccades", training=True)
    takes = training_takes(simulation.training, symbols)
    kinds = np.array([f"{take.scene} {take.label}" for take in takes])
    chosen = picked_by_label(kinds, PER_DIGIT)
    shown = []
    with progress.bar(len(chosen), "recording", "simulated to compare with") as bar:
        for number in chosen:
            take = takes[number]
            made = frames_of(take, symbols, simulation, study.frames, study.seed)
            shown.append((take.label, made))
            bar.advance(1)
    return Training(gathered(shown, SHOWN), is_simulated=True)
