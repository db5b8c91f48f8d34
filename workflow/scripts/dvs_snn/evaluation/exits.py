"""Early exits of a network over a whole set, as arrays that later jobs read.

A network stops as soon as its best output leads by enough spikes. The lead is the spikes so far of
the most active output neuron minus those of the second. The network looks at it after each time
step, or after each event. Source: the cutoff by the gap of the two largest outputs, Wu et al. 2025,
Front. Neurosci. 19:1522788.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dvs_snn.engines.response import Response
from dvs_snn.files.arrays import stored_arrays
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.store.event_store import BinnedRecording, StoredRecording

NO_DIGIT = -1
"""An unknown label, or the prediction of a silent network."""

STOPS = 2.0 * 1.19 ** np.arange(32)
"""Fixed moments in time steps, 2 to 440, at which all recordings stop: a control for exits."""


@dataclass(frozen=True, eq=False)
class SetExits:
    """How a network at one scale reads a set, stopped at each of several leads.

    Attributes:
        leads: float64 (exit,), ascending, in spikes; the last is infinite: to recordings' ends.
        symbol, label: text and int8 (recording,); a label may be `NO_DIGIT`.
        predicted: int8 (recording, exit), `NO_DIGIT` where no output neuron fired.
        synops: int64; n_events: int32; n_steps: float64 (recording, exit), up to the exit.
        exited: bool (recording, exit), whether the lead was reached.
        stop_predicted, stop_synops: int8 and int64 (recording, stop), up to each of `STOPS`.
    """

    leads: np.ndarray
    symbol: np.ndarray
    label: np.ndarray
    predicted: np.ndarray
    synops: np.ndarray
    n_events: np.ndarray
    n_steps: np.ndarray
    exited: np.ndarray
    stop_predicted: np.ndarray
    stop_synops: np.ndarray

    @property
    def correct(self) -> np.ndarray:
        """Whether a recording is read rightly at each lead; a silent network isn't right."""
        return (self.predicted == self.label[:, None]) & (self.predicted != NO_DIGIT)

    @property
    def stop_correct(self) -> np.ndarray:
        """As `correct`, at each fixed stop."""
        return (self.stop_predicted == self.label[:, None]) & (self.stop_predicted != NO_DIGIT)


Key = Mapping[str, str | int | float]
"""The set, variant, seed, scale and timing of exits."""

_NETWORK = {"variant": str, "seed": int, "scale": float, "timing": str}
_OF_RECORDINGS = {
    "symbol": np.str_, "label": np.int8, "predicted": np.int8, "synops": np.int64,
    "n_events": np.int32, "n_steps": np.float64, "exited": np.bool_,
    "stop_predicted": np.int8, "stop_synops": np.int64,
}  # fmt: skip


def exit_row(
    recording: BinnedRecording | StoredRecording, response: Response, leads: np.ndarray
) -> dict[str, object]:
    """Stop a response at each lead, in spikes (exit,); return the recording's part of `SetExits`.

    An infinite lead is never reached. A prediction follows the rules of `running_prediction`.
    Without time steps the response tells how many events it has seen.
    """
    total = len(response.spikes)
    ends, seen = np.concatenate([[0], response.moments]), response.n_events
    if seen is None:
        seen = np.searchsorted(recording.steps.step, response.moments)
    second, best = np.partition(np.cumsum(response.spikes, axis=0), -2, axis=1)[:, -2:].T
    # The largest lead so far never falls, so a binary search finds where it first reaches another.
    reached = np.searchsorted(np.maximum.accumulate(best - second), leads) + 1
    at = np.minimum(reached, total)
    # At no moment at all nothing is predicted and nothing was spent.
    predicted = np.concatenate([[NO_DIGIT], response.predictions])
    synops = np.concatenate([[0], np.cumsum(response.step_synops)])
    stopped = np.searchsorted(ends, STOPS, side="right") - 1
    return {
        "symbol": recording.symbol,
        "label": NO_DIGIT if recording.label is None else recording.label,
        "predicted": predicted[at],
        "synops": synops[at],
        "n_events": np.concatenate([[0], seen])[at],
        "n_steps": ends[at],
        "exited": reached <= total,
        "stop_predicted": predicted[stopped],
        "stop_synops": synops[stopped],
    }


def set_exits(rows: Sequence[Mapping[str, object]], leads: np.ndarray) -> SetExits:
    """Join the rows of a set's recordings."""
    kinds = _OF_RECORDINGS.items()
    return SetExits(
        leads, **{name: np.array([r[name] for r in rows], kind) for name, kind in kinds}
    )


def with_the_end(leads: Sequence[float]) -> np.ndarray:
    """Return leads in ascending order, and behind them the infinite one."""
    return np.array([*sorted(leads), np.inf])


def store_exits(exits: Mapping[str, SetExits], network: Mapping, path: Path) -> None:
    """Write the exits of sets at the same leads, by name, as one compressed NPZ file.

    The arrays of all sets stand behind each other; `set` names the set of each recording.
    """
    first, *_ = exits.values()
    names = np.repeat(list(exits), [len(of_set.symbol) for of_set in exits.values()])
    joined = {
        field: np.concatenate([getattr(of_set, field) for of_set in exits.values()])
        for field in _OF_RECORDINGS
    }
    about = {name: np.array(kind(network[name])) for name, kind in _NETWORK.items()}
    with replacing(path) as temporary:
        np.savez_compressed(temporary, set=names, leads=first.leads, **about, **joined)


def read_exits(path: Path) -> list[tuple[Key, SetExits]]:
    """Read what `store_exits` wrote, set after set; StudyError if damaged or of another kind."""
    try:
        stored = stored_arrays(path)
        network = {name: stored[name].item() for name in _NETWORK}
        sets = {}
        for name in dict.fromkeys(stored["set"].tolist()):
            of_set = {field: stored[field][stored["set"] == name] for field in _OF_RECORDINGS}
            sets[name] = SetExits(stored["leads"], **of_set)
        return [({"set": name, **network}, exits) for name, exits in sets.items()]
    except (IndexError, KeyError, ValueError) as error:
        raise StudyError(
            f"{path}: can't be read as exits of a set ({type(error).__name__}), expected what the "
            "evaluate rule wrote; delete the file and run again."
        ) from error
