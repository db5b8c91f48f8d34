"""What training reads of simulated recordings: frames, or the recordings themselves."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.tables import write_table
from dvs_snn.recordings.folders.split_table import facts_of
from dvs_snn.recordings.frames import Frame, accumulate, frame_writer, training_rule
from dvs_snn.recordings.placement import place, placement_of
from dvs_snn.recordings.store.event_store import StoredRecording, open_store, store_recordings
from dvs_snn.settings.frame_settings import FrameRule
from dvs_snn.settings.simulation_settings import SceneSettings, StepRecordings
from dvs_snn.simulation.symbols import Symbols, read_symbols
from dvs_snn.simulation.takes import Take, training_takes, varied_take

Made = TypeVar("Made")
Make = Callable[[Take], Made]

_make_here: list[Make] = []


def _begin_process(make: Make) -> None:
    """Prepare a child process: give it, once, what all its recordings need."""
    _make_here.append(make)
    parent = multiprocessing.parent_process()

    def end_with_parent() -> None:
        # A killed parent can't end its children, which would then wait for work for ever.
        parent.join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def _made_here(take: Take) -> Made:
    return _make_here[0](take)


def _made(
    make: Make, takes: Sequence[Take], processes: int, progress: Progress
) -> Iterator[tuple[Take, Made]]:
    """Yield all takes in their order, and what is made of each, by several processes.

    Processes rather than threads: Python code between the kernels takes a third of the time, and
    only one thread at a time can run it.
    """
    with progress.bar(len(takes), "recording", "training") as bar:
        if processes == 1:
            for take in takes:
                yield take, make(take)
                bar.advance(1)
            return
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, context, _begin_process, (make,)) as pool:
            made = pool.map(_made_here, takes, chunksize=16)
            for take, result in zip(takes, made, strict=True):
                yield take, result
                bar.advance(1)


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
    # Never a file of its own, so it has no hash.
    about = take.full_name, take.symbol, take.label, take.scene, ""
    return StoredRecording(*about, varied_take(take, symbols, simulation, seed))


def simulate_frames(
    symbols: Path,
    events: Path,
    table: Path,
    simulation: SceneSettings,
    rule: FrameRule,
    study_seed: int,
    seed: int,
    frames: Path,
    index: Path,
    facts: Path,
    threads: int,
    progress: Progress,
) -> None:
    """Store the frames of one training's recordings, then of validation's (rule simulate_frames).

    Args:
        events, table: the store of the set validation.
        seed: number of the training.
        facts: table of the training recordings.
        threads: number of processes that simulate side by side; the frames don't depend on it.
    """
    scenes, drawn = simulation.scenes.items(), read_symbols(symbols)
    validation = open_store(events, table, {name: placement_of(scene) for name, scene in scenes})
    make = partial(frames_of, symbols=drawn, simulation=simulation, rule=rule, seed=study_seed)
    takes, rows = training_takes(simulation.training, drawn, seed), []
    with frame_writer(frames, index) as add:
        for take, (made, facts_of_take) in _made(make, takes, threads, progress):
            for frame in made:
                add(frame, take.full_name, take.symbol, take.label, "train")
            rows.append(facts_of_take)
        for stored in validation:
            for frame in stored.frames(rule):
                add(frame, stored.recording, stored.symbol, stored.label, "validation")
    write_table(pd.DataFrame(rows), facts, "facts")


def simulate_training(
    symbols: Path,
    simulation: SceneSettings,
    recordings: StepRecordings,
    study_seed: int,
    seed: int,
    events: Path,
    table: Path,
    threads: int,
    progress: Progress,
) -> None:
    """Simulate and store what one training through time reads (rule simulate_training).

    Raises:
        StudyError: not a single recording.
    """
    plans = recordings.instead_of(simulation.training)
    simulation, drawn = replace(simulation, training=plans), read_symbols(symbols)
    make = partial(_recording_of, symbols=drawn, simulation=simulation, seed=study_seed)
    made = _made(make, training_takes(plans, drawn, seed), threads, progress)
    stored = store_recordings((recording for _, recording in made), events, table)
    progress.say(f"{len(stored)} recordings, {stored['n_events'].sum()} events")
