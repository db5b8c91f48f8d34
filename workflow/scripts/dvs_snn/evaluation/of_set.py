"""Runs a spiking network over a whole set of recordings at one scale."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from dvs_snn.engines.response import Response
from dvs_snn.engines.spiking import Spiking
from dvs_snn.evaluation.exits import SetExits, exit_row, set_exits, store_exits, with_the_end
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import growing_table, read_table
from dvs_snn.recordings.store.event_store import BinnedRecording, RecordedSet

RECORDINGS_IN_MEMORY = 100


@dataclass(frozen=True)
class AnnReading:
    """The CNN's digit for a recording, None where it gave none, and how many frames it read."""

    predicted: int | None
    n_frames: int


Evaluation = tuple[pd.DataFrame, pd.DataFrame, SetExits]
"""A set under a network at a scale: an outcome row a recording, the layers' activity summed over
the set, and the exits at the leads and at the recordings' ends."""


def outcome(
    recording: BinnedRecording,
    response: Response,
    ann: AnnReading,
    macs_per_frame: int,
    step_ms: float,
) -> dict[str, object]:
    """Return the outcome of a recording: the readings of both networks and their cost.

    Without a label the digit shown is unknown, so `correct` is empty too.
    """
    label, predicted, steps = recording.label, response.predicted, response.steps_to_decision
    return {
        "recording": recording.recording,
        "symbol": recording.symbol,
        "label": label,
        "predicted": predicted,
        "correct": None if label is None else int(predicted == label),
        "silent": int(predicted is None),
        "tied": int(response.tied),
        "n_events": len(recording.steps.step),
        "n_events_outside": recording.n_outside,
        "duration_s": round(recording.duration_s, 6),
        "n_steps": len(response.spikes),
        "output_spikes": int(response.spikes.sum()),
        "synops": response.synops,
        "synops_input": response.synops_input,
        "synops_nominal": response.synops_nominal,
        "time_to_decision_ms": None if steps is None else steps * step_ms,
        "ann_predicted": ann.predicted,
        "ann_frames": ann.n_frames,
        "ann_macs": ann.n_frames * macs_per_frame,
        "sha256": recording.sha256,
        "box_px": recording.box_px,
    }


def layer_rows(responses: Sequence[Response], step_ms: float) -> pd.DataFrame:
    """Return the activity of each layer, summed over recordings, with the seconds it took."""
    seconds = sum(len(response.spikes) for response in responses) * step_ms * 1e-3
    # pandas would copy each dataclass deeply.
    activities = pd.DataFrame([vars(layer) for one in responses for layer in one.layers])
    return _summed(activities).assign(seconds=round(seconds, 6))


def _summed(layers: pd.DataFrame) -> pd.DataFrame:
    """Sum the rows of each layer; all of them have the same fan-out."""
    fanouts = layers.groupby("layer", sort=False)["fanout_nominal"].first()
    sums = layers.groupby("layer", sort=False).sum().assign(fanout_nominal=fanouts)
    return sums.reset_index()


def evaluate_recordings(
    spiking: Spiking,
    recordings: Iterable[tuple[BinnedRecording, AnnReading]],
    step_ms: float,
    progress: Progress,
    total: int,
    title: str,
    leads: Sequence[int] = (),
) -> Evaluation:
    """Run recordings, `RECORDINGS_IN_MEMORY` at a time.

    Args:
        recordings: each with the CNN's reading of it.
        step_ms: length of a time step in milliseconds.
        total, title: number of recordings, and title of the progress bar.
        leads: of the best output, in spikes; the network is also stopped at each of them.
    """
    exits_at = with_the_end(leads)
    exits: list[dict[str, object]] = []
    rows: list[dict[str, object]] = []
    parts: list[pd.DataFrame] = []
    with progress.bar(total, "recording", title) as bar:
        remaining = iter(recordings)
        while chunk := list(islice(remaining, RECORDINGS_IN_MEMORY)):
            responses = list(spiking.respond([recording.steps for recording, _ in chunk]))
            for (recording, ann), response in zip(chunk, responses, strict=True):
                rows.append(outcome(recording, response, ann, spiking.macs_per_frame, step_ms))
                exits.append(exit_row(recording, response, exits_at))
            parts.append(layer_rows(responses, step_ms))
            bar.advance(len(chunk))
    outcomes = pd.DataFrame(rows)
    return outcomes, _summed(pd.concat(parts)), set_exits(exits, exits_at)


def _readings_of(
    name: str, recorded: RecordedSet, table: pd.DataFrame, path: Path
) -> list[AnnReading]:
    """Return the CNN's readings of a set in its order; StudyError if `table` lists others."""
    table = table[table["set"] == name]
    for key in ("recording", "sha256"):
        if table[key].tolist() != recorded.table[key].tolist():
            raise StudyError(
                f"{path}: its column {key} isn't that of the stored set, expected the same files; "
                "a recording has changed since: delete this file and run again with --forcerun "
                "store_set."
            )
    return [
        AnnReading(None if pd.isna(predicted) else int(predicted), int(n))
        for predicted, n in zip(table["ann_predicted"], table["ann_frames"], strict=True)
    ]


def evaluate_sets(
    spiking: Spiking,
    sets: Mapping[str, RecordedSet],
    ann: Path,
    step_ms: float,
    progress: Progress,
    title: str,
    leads: Sequence[int] = (),
) -> dict[str, Evaluation]:
    """Run stored sets in turn; StudyError if `ann`, the CNN's readings, lists other recordings."""
    table = read_table(ann, "readings", ann_predicted="Int64", ann_frames="int64")
    found = {}
    step_us = round(step_ms * 1000)
    for name, recorded in sets.items():
        readings = _readings_of(name, recorded, table, ann)
        recordings = zip(recorded.in_steps(step_us), readings, strict=True)
        found[name] = evaluate_recordings(
            spiking, recordings, step_ms, progress, len(recorded), f"{name} {title}", leads
        )
    return found


def store_sets(found: Mapping[str, Evaluation], network: Mapping, paths: Mapping) -> None:
    """Write outcomes, layers and exits of sets, each with `network`: variant, seed and scale."""
    with (
        growing_table(Path(paths["outcomes"]), "outcomes") as add_outcomes,
        growing_table(Path(paths["layers"]), "set_layers") as add_layers,
    ):
        for name, (outcomes, layers, _) in found.items():
            add_outcomes(outcomes.assign(set=name, **network))
            add_layers(layers.assign(recording="", set=name, **network))
    exits = {name: of_set for name, (_, _, of_set) in found.items()}
    store_exits(exits, network, Path(paths["exits"]))
