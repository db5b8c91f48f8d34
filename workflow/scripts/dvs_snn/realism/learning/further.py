"""Trains a network of the study further, on simulated recordings, real ones, or both."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from torch import nn

from dvs_snn.datasets.samples import PlacedRecording
from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.realism.learning.in_steps import mixed_recordings, real_recordings
from dvs_snn.realism.learning.lessons import Lesson, chosen_recordings
from dvs_snn.realism.learning.on_frames import mixed_frames, real_frames
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.training import Variant
from dvs_snn.training.loop import Trained, train
from dvs_snn.training.materials.frames import Frames
from dvs_snn.training.materials.recordings import Recordings

FURTHER = {"warmup": 0.05, "averaging": 0.998, "start_scale": 1.0, "synops_start": None}
"""What a variant's settings become where its own training goes on: a short one, whose limit on
SynOps stays where that of the first training ended."""

ON_FRAMES = {"epochs": 2, "learning_rate": 0.001}
"""How it goes on on frames."""

IN_STEPS = {"epochs": 1, "learning_rate": 0.0005}
"""How it goes on in time steps."""


def train_further(
    name: str,
    simulated: Frames | Recordings,
    recordings: Iterable[PlacedRecording],
    lesson: Lesson,
    rule: FrameRule,
    limits: Sequence[int] | None,
    step_us: int | None,
    settings: Variant,
    neurons: NeuronParameters,
    start: nn.Sequential | None,
    teacher: nn.Sequential | None,
    seed: int,
    replicate: int,
    progress: Progress,
) -> Trained:
    """Train a network of the study further on a lesson.

    All lessons take as many samples and steps, that without real recordings too. So a difference
    between two of them comes from what they show.

    Args:
        name: of the network.
        simulated: what trained it in the study.
        recordings: real recordings, each of a symbol of its own.
        rule, limits: how recordings become frames, as of `real_frames`.
        step_us: length of a time step in microseconds; None where `simulated` are frames.
        settings: the variant's.
        neurons: of the spiking network.
        start: the variant's trained network. Without simulated recordings the network from which
            its chain of starts goes on; None for fresh weights.
        teacher: the CNN that had the same lesson; None for a variant that no CNN teaches.
        seed, replicate: the study's seed and the number of the training.
    """
    rng = generator(seed, "real recordings", replicate)
    chosen = chosen_recordings(recordings, lesson.real, rng) if lesson.real else []
    material: Frames | Recordings
    if isinstance(simulated, Recordings):
        how = IN_STEPS
        material = mixed_recordings(simulated, real_recordings(chosen, step_us, rng), lesson)
    else:
        how = ON_FRAMES
        real = real_frames(chosen, rule, limits, rng) if chosen else None
        material = mixed_frames(simulated, real, lesson)
    if lesson.simulated:
        settings = replace(settings, **FURTHER, **how)
    return train(
        name, material, settings, neurons, start, seed, replicate, progress, None, teacher,
    )  # fmt: skip
