"""Runs a spiking network over a whole set of recordings at one scale."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from dvs_snn.engines.engine import Spiking, open_spiking
from dvs_snn.engines.response import Response
from dvs_snn.evaluation.exits import SetExits, exit_row, set_exits, store_exits, with_the_end
from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.files.tables import growing_table, read_table
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import BinnedRecording, RecordedSet, open_store
from dvs_snn.settings.frames import FrameRule
from dvs_snn.settings.inference import InferenceSettings

RECORDINGS_IN_MEMORY = 100


class AnnReading(NamedTuple):
    """What the CNN read of a recording and what it cost, in columns of the table `readings`.

    `ann_predicted` is None where it gave no digit; `ann_frames` is the name of its `FrameRule`.
    """

    ann_predicted: int | None
    ann_macs_nonzero: int
    n_frames: int
    ann_frames: str

    @classmethod
    def of(cls, response: Response, rule: FrameRule) -> "AnnReading":
        """Take the whole response to frames by `rule`."""
        macs = response.step_synops
        return cls(response.predicted, int(macs.sum()), len(macs), rule.name)

    @classmethod
    def stored(cls, row: Mapping[str, Any]) -> "AnnReading":
        """Take what the columns of a row of `readings` or `outcomes` tell."""
        predicted = row["ann_predicted"]
        counts = int(row["ann_macs_nonzero"]), int(row["n_frames"])
        return cls(None if pd.isna(predicted) else int(predicted), *counts, row["ann_frames"])


def outcome(
    recording: BinnedRecording,
    response: Response,
    ann: AnnReading | None,
    macs_per_frame: int,
    step_ms: float,
) -> dict[str, object]:
    """Return the outcome of a recording: the readings of both networks and their cost.

    Without a label the digit shown is unknown, so `correct` is empty too. Without `ann` no CNN
    stands beside the network.
    """
    label, predicted, steps = recording.label, response.predicted, response.steps_to_decision
    return dict.fromkeys(AnnReading._fields) | {
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
        "n_steps": response.n_steps,
        "output_spikes": int(response.spikes.sum()),
        "synops": response.synops,
        "synops_input": response.layers[0].synops,
        "synops_nominal": response.synops_nominal,
        "synops_nonzero": response.synops_nonzero,
        "time_to_decision_ms": None if steps is None else round(steps * step_ms, 3),
        **(ann._asdict() if ann else {}),
        "ann_macs": ann and ann.n_frames * macs_per_frame,
        "sha256": recording.sha256,
        "box_px": recording.box_px,
    }


def layer_rows(responses: Sequence[Response], step_ms: float) -> pd.DataFrame:
    """Return the activity of each layer, summed over recordings, with the seconds it took."""
    seconds = sum(response.n_steps for response in responses) * step_ms * 1e-3
    # pandas would copy each dataclass deeply.
    activities = pd.DataFrame([vars(layer) for response in responses for layer in response.layers])
    return _summed(activities).assign(seconds=round(seconds, 6))


def _summed(layers: pd.DataFrame) -> pd.DataFrame:
    """Sum the rows of each layer; all of them have the same fan-out."""
    return layers.groupby(["layer", "fanout_nominal"], sort=False).sum().reset_index()


def evaluate_recordings(
    spiking: Spiking,
    recordings: Iterable[tuple[BinnedRecording, AnnReading | None]],
    step_ms: float,
    progress: Progress,
    total: int,
    title: str,
    leads: Sequence[int] = (),
) -> tuple[pd.DataFrame, pd.DataFrame, SetExits]:
    """Run recordings, each with the CNN's reading, `RECORDINGS_IN_MEMORY` at a time.

    Args:
        total, title: number of recordings, and title of the progress bar.
        leads: of the best output, in spikes; the network is also stopped at each of them.

    Returns:
        An outcome row a recording, the layers' activity summed over the set, and the exits at the
        leads and at the recordings' ends.
    """
    exits_at = with_the_end(leads)
    rows, exits, parts = [], [], []
    with progress.bar(total, "recording", title) as bar:
        remaining = iter(recordings)
        while chunk := list(islice(remaining, RECORDINGS_IN_MEMORY)):
            responses = list(spiking.respond([recording.steps for recording, _ in chunk]))
            for (recording, ann), response in zip(chunk, responses, strict=True):
                rows.append(outcome(recording, response, ann, spiking.macs_per_frame, step_ms))
                exits.append(exit_row(recording, response, exits_at))
            parts.append(layer_rows(responses, step_ms))
            bar.advance(len(chunk))
    return pd.DataFrame(rows), _summed(pd.concat(parts)), set_exits(exits, exits_at)


def picked_frames(picked: list[Path], frames: Sequence[FrameRule]) -> FrameRule:
    """Return those of `frames` that the CNN's table `readings` names; without one the first."""
    if not picked:
        return frames[0]
    name = read_table(picked[0], "readings")["ann_frames"].iloc[0]
    return next(rule for rule in frames if rule.name == name)


def _readings_of(path: Path, name: str, recorded: RecordedSet) -> Iterator[AnnReading]:
    """Yield the CNN's readings of a set in its order; StudyError if the table lists others."""
    table = read_table(path, "readings", ann_predicted="Int64", n_frames="int64")
    table = table[table["set"] == name]
    for key in ("recording", "sha256"):
        if table[key].tolist() != recorded.table[key].tolist():
            raise StudyError(
                f"{path}: its column {key} isn't that of the stored set, expected the same files; "
                "a recording has changed since: delete this file and run again with --forcerun "
                "store_set."
            )
    yield from map(AnnReading.stored, table.to_dict("records"))


def evaluate(
    network: Path,
    events: list[Path],
    recorded: list[Path],
    placements: list[dict[str, Placement]],
    sets: list[str],
    inference: InferenceSettings,
    leads: list[int],
    variant: str,
    seed: int,
    scale: str,
    outcomes: Path,
    layers: Path,
    exits: Path,
    progress: Progress,
    ann: Path | None = None,
    guest: dict[str, Any] | None = None,
) -> None:
    """Run stored sets through a network at one scale.

    Args:
        events, recorded, placements: of each of the `sets`.
        scale: as it stands in the names of files, and in the tables.
        outcomes, layers, exits: files of the tables `outcomes` and `set_layers`, and of `SetExits`.
        ann: the table `readings` of all sets; StudyError if it tells of other recordings. None: no
            CNN stands beside the network.
        guest: what the network changes in the placements; they fit its input in any case.
    """
    spiking = open_spiking(network, float(scale), inference)
    shape, changes = spiking.layers[0].input_shape, guest or {}
    laid = [{name: each.on(shape, **changes) for name, each in of.items()} for of in placements]
    key = {"variant": variant, "seed": seed, "scale": scale, "timing": inference.timing}
    stops = {}
    with (
        growing_table(outcomes, "outcomes") as add_outcomes,
        growing_table(layers, "set_layers") as add_layers,
    ):
        for name, *stored in zip(sets, events, recorded, laid, strict=True):
            of_set = open_store(*stored)
            of_cnn = _readings_of(ann, name, of_set) if ann else repeat(None, len(of_set))
            recordings = zip(of_set.in_steps(inference.step_us), of_cnn, strict=True)
            title = f"{name} at scale {scale}"
            rows, activity, stops[name] = evaluate_recordings(
                spiking, recordings, inference.step_ms, progress, len(of_set), title, leads
            )
            of_pixels = of_set.table[["n_pixels", "short_interval_share"]]
            add_outcomes(rows.join(of_pixels).assign(set=name, **key))
            add_layers(activity.assign(recording="", set=name, **key))
        store_exits(stops, key, exits)
