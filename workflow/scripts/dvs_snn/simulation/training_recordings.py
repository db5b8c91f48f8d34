"""What training reads of simulated recordings: frames, or the recordings themselves."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from dvs_snn.files.job import Progress
from dvs_snn.recordings.frames import Frame, accumulate, frame_writer, training_rule
from dvs_snn.recordings.placement import place, placement_of
from dvs_snn.recordings.store.event_store import StoredRecording, open_store, store_recordings
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.simulation_settings import SceneSettings, replaced
from dvs_snn.simulation.drawn_symbols import Symbols, read_symbols
from dvs_snn.simulation.takes import Take, training_takes, varied_take

Made = TypeVar("Made")


def _end_with_parent() -> None:
    """Let a child process end when its parent does, even if that was killed.

    A killed parent can't end its children, which would then wait for work for ever.
    """
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _made(
    make: Callable[[Take], Made], takes: Sequence[Take], processes: int, progress: Progress
) -> Iterator[tuple[Take, Made]]:
    """Yield each take in order, with what `make` makes of it in one of several processes.

    With `processes` 1 this process makes it, and the pool starts none. Threads would gain less:
    Python code between the kernels takes a third of the time, and runs in one thread at a time.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _end_with_parent)
    with pool, progress.bar(len(takes), "recording", "training") as bar:
        made = map(make, takes) if processes == 1 else pool.map(make, takes, chunksize=64)
        for take, result in zip(takes, made, strict=True):
            yield take, result
            bar.advance(1)


def frames_of(
    take: Take, symbols: Symbols, simulation: SceneSettings, rule: FrameRule, seed: int
) -> list[Frame]:
    """Make the frames of a training recording.

    Args:
        rule: how events become frames; `training_rule` changes it for each recording.
    """
    recording = varied_take(take, symbols, simulation, seed)
    limits = simulation.training[take.scene].frame_events
    rule = training_rule(rule, limits, take.generator(seed, "frame events"))
    placed = place(recording, placement_of(simulation.scenes[take.scene]))
    return list(accumulate(placed, rule))


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
        threads: processes that simulate side by side; the frames don't depend on their number.
    """

    symbols: Path
    events: Path
    table: Path
    simulation: SceneSettings
    rule: FrameRule
    study_seed: int
    frames: Path
    index: Path
    threads: int


def simulate_frames(job: SimulateFramesJob, progress: Progress) -> None:
    """Store the frames of the training recordings and of validation's (rule simulate_frames)."""
    simulation = job.simulation
    symbols = read_symbols(job.symbols)
    takes = training_takes(simulation.training, symbols)
    make = partial(
        frames_of, symbols=symbols, simulation=simulation, rule=job.rule, seed=job.study_seed
    )

    with frame_writer(job.frames, job.index) as add:
        for take, frames in _made(make, takes, job.threads, progress):
            for frame in frames:
                add(frame, take.full_name, take.symbol, take.label, "train")

        placements = {name: placement_of(scene) for name, scene in simulation.scenes.items()}
        for stored in open_store(job.events, job.table, placements):
            for frame in stored.frames(job.rule):
                add(frame, stored.recording, stored.symbol, stored.label, "validation")


@dataclass(frozen=True)
class SimulateTrainingJob:
    """What the rule `simulate_training` gives.

    Attributes:
        recordings: of each symbol by scene, in place of as many as give frames.
        threads: processes that simulate side by side; the recordings don't depend on their number.
    """

    symbols: Path
    simulation: SceneSettings
    recordings: dict[str, int]
    study_seed: int
    events: Path
    table: Path
    threads: int


def simulate_training(job: SimulateTrainingJob, progress: Progress) -> None:
    """Simulate and store what trainings through time read (rule simulate_training)."""
    symbols = read_symbols(job.symbols)
    plans = {
        scene: replaced(plan, {"recordings": job.recordings.get(scene)})
        for scene, plan in job.simulation.training.items()
    }
    takes = training_takes(plans, symbols)
    make = partial(_recording_of, symbols=symbols, simulation=job.simulation, seed=job.study_seed)
    made = _made(make, takes, job.threads, progress)
    stored = store_recordings((recording for _, recording in made), job.events, job.table)
    progress.say(f"{len(stored)} recordings, {stored['n_events'].sum()} events")
