"""What training reads of simulated recordings: frames, or the recordings themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.split_table import facts_of
from dvs_snn.recordings.frames import Frame, accumulate, frame_writer, training_rule
from dvs_snn.recordings.placement import place, placement_of
from dvs_snn.recordings.store.event_store import StoredRecording, open_store, store_recordings
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.simulation_settings import SceneSettings, replaced
from dvs_snn.simulation.drawn_symbols import Symbols, read_symbols
from dvs_snn.simulation.takes import Take, training_takes, varied_take


def frames_of(
    take: Take, symbols: Symbols, simulation: SceneSettings, rule: FrameRule, seed: int
) -> tuple[list[Frame], dict[str, int | float]]:
    """Make the frames of a training recording, and its facts.

    Args:
        rule: how events become frames; `training_rule` changes it for each recording.
    """
    recording = varied_take(take, symbols, simulation, seed)
    limits = simulation.training[take.scene].frame_events
    rule = training_rule(rule, limits, take.generator(seed, "frame events"))
    placed = place(recording, placement_of(simulation.scenes[take.scene]))
    return list(accumulate(placed, rule)), facts_of(recording, placed)


def _recording_of(
    take: Take, symbols: Symbols, simulation: SceneSettings, seed: int
) -> StoredRecording:
    return StoredRecording(
        recording=take.full_name,
        symbol=take.symbol,
        label=take.label,
        scene=take.scene,
        # It never was a file.
        sha256="",
        raw=varied_take(take, symbols, simulation, seed),
    )


@dataclass(frozen=True)
class SimulateFramesJob:
    """What the rule `simulate_frames` gives.

    Attributes:
        events, table: the stored set ``validation``.
        frames, index: the frames of the training recordings, then of validation's.
        facts: table of the training recordings.
    """

    symbols: Path
    events: Path
    table: Path
    simulation: SceneSettings
    rule: FrameRule
    study_seed: int
    frames: Path
    index: Path
    facts: Path


def simulate_frames(job: SimulateFramesJob, progress: Progress) -> None:
    """Store the frames of the training recordings and of validation's (rule simulate_frames)."""
    simulation = job.simulation
    symbols = read_symbols(job.symbols)
    takes = training_takes(simulation.training, symbols)

    facts = []
    with (
        frame_writer(job.frames, job.index) as add,
        progress.bar(len(takes), "recording", "training") as bar,
    ):
        for take in takes:
            frames, facts_of_take = frames_of(take, symbols, simulation, job.rule, job.study_seed)
            facts.append(facts_of_take)
            for frame in frames:
                add(frame, take.full_name, take.symbol, take.label, "train")
            bar.advance(1)

        placements = {name: placement_of(scene) for name, scene in simulation.scenes.items()}
        for stored in open_store(job.events, job.table, placements):
            for frame in stored.frames(job.rule):
                add(frame, stored.recording, stored.symbol, stored.label, "validation")
    write_table(pd.DataFrame(facts), job.facts, "facts")


@dataclass(frozen=True)
class SimulateTrainingJob:
    """What the rule `simulate_training` gives.

    Attributes:
        recordings: of each symbol by scene, in place of as many as give frames.
    """

    symbols: Path
    simulation: SceneSettings
    recordings: dict[str, int]
    study_seed: int
    events: Path
    table: Path


def simulate_training(job: SimulateTrainingJob, progress: Progress) -> None:
    """Simulate and store what trainings through time read (rule simulate_training)."""
    symbols = read_symbols(job.symbols)
    plans = {
        scene: replaced(plan, {"recordings": job.recordings.get(scene)})
        for scene, plan in job.simulation.training.items()
    }
    takes = training_takes(plans, symbols)
    with progress.bar(len(takes), "recording", "training") as bar:

        def recordings() -> Iterator[StoredRecording]:
            for take in takes:
                yield _recording_of(take, symbols, job.simulation, job.study_seed)
                bar.advance(1)

        stored = store_recordings(recordings(), job.events, job.table)
    progress.say(f"{len(stored)} recordings, {stored['n_events'].sum()} events")
