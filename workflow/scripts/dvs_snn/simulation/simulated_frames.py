"""The frames that training reads, from recordings that are simulated and never stored."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dvs_snn.files.job import Progress
from dvs_snn.files.randomness import generator
from dvs_snn.recordings.facts import Facts, facts_of
from dvs_snn.recordings.folders.split_table import open_recording
from dvs_snn.recordings.frames import Frame, accumulate, training_rule
from dvs_snn.recordings.placement import place, placement_of
from dvs_snn.recordings.store.frame_store import frame_writer
from dvs_snn.settings.frames import FrameRule
from dvs_snn.simulation.simulating import made_of_takes
from dvs_snn.simulation.symbols import Symbols
from dvs_snn.simulation.takes import Take, training_takes, varied_take


@dataclass(frozen=True, eq=False)
class _TrainingFrames:
    """Makes the frames of one training recording."""

    symbols: Symbols
    simulation: dict
    rule: FrameRule
    seed: int

    def of(self, take: Take) -> tuple[list[Frame], Facts]:
        scene, plan = (self.simulation[part][take.scene] for part in ("scenes", "training"))
        recording = varied_take(take, self.symbols, self.simulation, self.seed, plan["step_ms"])
        rng = generator(
            self.seed, "frame events", take.scene, take.symbol, take.size or 0, take.index
        )
        rule = training_rule(self.rule, plan["frame_events"], rng)
        placed = place(recording, placement_of(scene))
        return list(accumulate(placed, rule)), facts_of(recording, placed)


def accumulate_simulated(
    symbols: Symbols,
    validation: pd.DataFrame,
    simulation: dict,
    rule: FrameRule,
    seed: int,
    processes: int,
    array_path: Path,
    index_path: Path,
    progress: Progress,
) -> pd.DataFrame:
    """Make the training recordings one by one and store their frames, not the recordings.

    The frames of the validation recordings follow at the end. These recordings are stored.

    Args:
        validation: rows of the split table.
        rule: how events become frames; for training, `training_rule` changes it per recording.
        processes: number of processes that simulate side by side; the frames don't depend on it.

    Returns:
        The facts of the training recordings, the table `facts`.
    """
    takes = training_takes(simulation, symbols)
    training = _TrainingFrames(symbols, simulation, rule, seed)
    facts = []
    with frame_writer(array_path, index_path) as writer:
        with progress.bar(len(takes), "recording", "training") as bar:
            made = made_of_takes(training, takes, processes)
            for take, (frames, facts_of_take) in zip(takes, made, strict=True):
                for frame in frames:
                    writer.append(frame, take.full_name, take.symbol, take.label, "train")
                facts.append(facts_of_take)
                bar.advance(1)
        for row in validation.itertuples():
            scene = simulation["scenes"][row.scene]
            recording = open_recording(row)
            for frame in accumulate(place(recording, placement_of(scene)), rule):
                writer.append(frame, row.recording, row.symbol, row.label, "validation")
    return pd.DataFrame(facts)
