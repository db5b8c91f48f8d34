"""Folders of right recordings, and of the same ones with a mistake that users make."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dvs_snn.recordings.recording import EventRecording

Arrays = dict[str, Any]
RIGHT = {"sensor_size": [34, 34], "zoom": 1.88, "rotate": 0, "flip": "none"}
"""How recordings of N-MNIST's sensor lie on the network."""


@dataclass(frozen=True)
class Mistake:
    """A mistake, and what the user must be told."""

    # Makes the wrong arrays of an NPZ file.
    change: Callable[[Arrays], Arrays]
    # Settings that mend it.
    remedy: Arrays
    # Those of the set, where they differ from `RIGHT`.
    settings: Arrays = field(default_factory=dict)
    # Whether its job ends; otherwise it warns.
    is_refused: bool = False


def _onto_davis(arrays: Arrays) -> Arrays:
    """The digits of a DAVIS346, so large that they fill it."""
    return arrays | {"x": arrays["x"] * 10, "y": arrays["y"] * 7, "sensor_size": [346, 260]}


MISTAKES = {
    "milliseconds": Mistake(
        lambda a: a | {"t": a["t"] // 1000}, {"time_unit": "ms"}, is_refused=True
    ),
    "346x260 without zoom": Mistake(
        _onto_davis, {"zoom": 0.18}, {"sensor_size": None, "zoom": 1.0}, is_refused=True
    ),
    "no sensor size": Mistake(
        lambda a: {key: value for key, value in a.items() if key != "sensor_size"},
        {"sensor_size": [34, 34]}, {"sensor_size": None},
    ),
}  # fmt: skip


def write_folder(
    root: Path,
    recordings: Iterable[tuple[int, EventRecording]],
    change: Callable[[Arrays], Arrays] = lambda arrays: arrays,
) -> Path:
    """Write (digit, recording) as NPZ files `<digit>/<number>.npz`, changed."""
    for number, (digit, recording) in enumerate(recordings):
        columns = {key: recording.events[key].astype(np.int64) for key in ("t", "x", "y", "p")}
        arrays = change(columns | {"sensor_size": list(recording.sensor_size)})
        (root / str(digit)).mkdir(parents=True, exist_ok=True)
        np.savez(root / str(digit) / f"{number:03d}.npz", **arrays)
    return root
