"""How well trained networks read recordings of a sensor of which one part is changed.

All conditions show the same symbols on the same paths to the same pixels, since named generators
draw everything random. Two conditions differ only in the changed part, so they are compared in
pairs.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from dvs_snn.engines.engine import open_spiking
from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.evaluation.of_set import AnnReading, evaluate_recordings
from dvs_snn.files.job import Progress
from dvs_snn.probes.probe import BASE, Probe, Value, compared, rows_of
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, open_store, store_recordings
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.set_names import TEST
from dvs_snn.settings.simulation import SceneSettings

PROBE = Probe(
    "The sensor",
    "How much hangs on the simulated sensor? We change one part of it, or of what it sees, at a "
    "time and simulate n = {recordings} recordings again. The same trained networks read them at "
    "the same scale; nothing is trained again.",
    {"ann_accuracy": ("share", "recordings that the CNN read rightly")},
)


def record(
    symbols: Path,
    mnist_dvs: SceneSettings,
    shown_per_digit: int,
    study_seed: int,
    events: Path,
    recordings: Path,
    progress: Progress,
) -> None:
    """Store the recordings of every condition, each called ``<part>/<change>/<name>``.

    Conditions whose settings equal the nominal ones are left out. Of each digit the first
    `shown_per_digit` test symbols are shown.
    """
    from dvs_snn.probes.sensors import distinct_settings, recordings_of
    from dvs_snn.simulation.symbols import read_symbols
    from dvs_snn.simulation.takes import set_takes

    drawn = read_symbols(symbols)
    takes = set_takes(mnist_dvs, drawn, "mnist-dvs", "test")
    of_digits = ([take for take in takes if take.label == digit] for digit in range(10))
    takes = [take for of_digit in of_digits for take in of_digit[:shown_per_digit]]
    changed = distinct_settings(mnist_dvs, "mnist-dvs")
    with progress.bar(len(changed) * len(takes), "recording", "conditions") as bar:

        def made() -> Iterator[StoredRecording]:
            for condition, settings in changed.items():
                for recording in recordings_of(takes, drawn, settings, study_seed):
                    yield replace(recording, recording="/".join((*condition, recording.recording)))
                    bar.advance(1)

        store_recordings(made(), events, recordings)


def measure(
    spiking: Path,
    cnn: Path,
    choice: Path,
    events: Path,
    recordings: Path,
    placements: dict[str, Placement],
    frames: FrameRule,
    inference: InferenceSettings,
    variant: str,
    progress: Progress,
) -> list[dict[str, Any]]:
    """Let a network, and the CNN beside it, read the recordings of every condition."""
    from dvs_snn.evaluation.cnn import CountedCnn
    from dvs_snn.probes.sensors import CONDITIONS, NOMINAL_CONDITION

    rows = []
    for method, scale in Quoted.read(choice).scales_of(variant).items():
        network = open_spiking(spiking, scale, inference)
        model = CountedCnn.load(cnn)

        def reading(recording: StoredRecording, model=model) -> AnnReading:
            return model.reading(recording.frames(frames), frames)

        outcomes = {}
        stored = open_store(events, recordings, placements)
        for condition, group in groupby(stored, lambda shown: shown.recording.split("/")[:2]):
            shown = list(group)
            pairs = ((each.in_steps(inference.step_us), reading(each)) for each in shown)
            how = inference.step_ms, progress, len(shown), " ".join(condition)
            read, *_ = evaluate_recordings(network, pairs, *how)
            # A recording without any event counts as silent, even if biases make a network fire.
            unseen = read["n_events"] + read["n_events_outside"] == 0
            outcomes[tuple(condition)] = read.assign(correct=read["correct"].mask(unseen, 0))
        nominal = outcomes[NOMINAL_CONDITION]
        for condition in CONDITIONS:
            read = outcomes.get(condition, nominal)
            values = compared(read, None if read is nominal else nominal, by_recording=True)
            right = float((read["ann_predicted"] == read["label"]).mean())
            values.append(Value("ann_accuracy", right))
            changed = BASE if condition == NOMINAL_CONDITION else condition
            rows += rows_of(PROBE, values, changed, TEST, method, scale)
    return rows
