"""Early exits of a network over a whole set, as arrays that later jobs read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from dvs_snn.datasets.samples import BinnedRecording
from dvs_snn.files.arrays import stored_arrays
from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError
from dvs_snn.inference.early_exit import exits_of
from dvs_snn.inference.response import Response

NO_DIGIT = -1
"""An unknown label, or the prediction of a silent network."""


@dataclass(frozen=True, eq=False)
class SetExits:
    """How a network at one scale reads a set, stopped at each of several leads.

    Attributes:
        leads: float64 (exit,), ascending, in spikes; the last is infinite: recordings run to their
            ends.
        symbol: text (recording,).
        label: int8 (recording,), `NO_DIGIT` where it is unknown.
        predicted: int8 (recording, exit), `NO_DIGIT` where no output neuron fired.
        synops: int64 (recording, exit), SynOps up to the exit.
        n_events, n_steps: int32 (recording, exit), events and time steps up to the exit.
        exited: bool (recording, exit), whether the lead was reached.
    """

    leads: np.ndarray
    symbol: np.ndarray
    label: np.ndarray
    predicted: np.ndarray
    synops: np.ndarray
    n_events: np.ndarray
    n_steps: np.ndarray
    exited: np.ndarray

    @property
    def correct(self) -> np.ndarray:
        """Whether a recording is read rightly at each lead; a silent network isn't right."""
        return (self.predicted == self.label[:, None]) & (self.predicted != NO_DIGIT)


Key = Mapping[str, str | int | float]
"""The set, variant, seed and scale of exits."""


def exit_row(
    recording: BinnedRecording, response: Response, leads: np.ndarray
) -> dict[str, object]:
    """Return one recording's entries of `SetExits`."""
    found = exits_of(response, leads)
    return {
        "symbol": recording.symbol,
        "label": NO_DIGIT if recording.label is None else recording.label,
        "n_events": np.searchsorted(recording.steps.step, found.n_steps),
        **vars(found),
    }


def set_exits(rows: Sequence[Mapping[str, object]], leads: np.ndarray) -> SetExits:
    """Join the rows of a set's recordings."""
    kinds = {
        "label": np.int8, "predicted": np.int8, "synops": np.int64, "n_events": np.int32,
        "n_steps": np.int32, "exited": np.bool_, "symbol": np.str_,
    }  # fmt: skip
    columns = {name: np.array([row[name] for row in rows], dtype=kinds[name]) for name in kinds}
    return SetExits(leads=leads, **columns)


def with_the_end(leads: Sequence[float]) -> np.ndarray:
    """Return leads in ascending order, and behind them the infinite one."""
    return np.array([*sorted(leads), np.inf])


def store_exits(exits: SetExits, key: Key, path: Path) -> None:
    """Write exits as a compressed NPZ file, without pickle.

    Args:
        key: `set`, `variant`, `seed` and `scale`.
    """
    about = {"set": str, "variant": str, "seed": int, "scale": float}
    named = {name: np.array(kind(key[name])) for name, kind in about.items()}
    with replacing(path) as temporary:
        np.savez_compressed(temporary, **named, **vars(exits))


def read_exits(path: Path) -> tuple[Key, SetExits]:
    """Read what `store_exits` wrote.

    Raises:
        StudyError: the file is damaged or of another kind.
    """
    try:
        stored = stored_arrays(path)
        key = {name: stored[name].item() for name in ("set", "variant", "seed", "scale")}
        return key, SetExits(**{field.name: stored[field.name] for field in fields(SetExits)})
    except (KeyError, ValueError) as error:
        raise StudyError(
            f"{path}: can't be read as exits of a set ({type(error).__name__}), expected what the "
            "evaluate rule wrote; delete the file and run again."
        ) from error
