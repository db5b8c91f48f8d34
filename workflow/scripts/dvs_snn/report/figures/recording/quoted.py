"""What a recording's figures say of the network: its reading at the best method's chosen point."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dvs_snn.files.arrays import stored_arrays
from dvs_snn.files.tables import read_table
from dvs_snn.report.methods import answering
from dvs_snn.report.style import Named, recording_title


@dataclass(frozen=True, eq=False)
class QuotedReading:
    """How the network that the page quotes read a recording, step by step.

    Attributes:
        title: recording, variant, seed and scale in words.
        label: the name of the class shown; missing where it isn't known.
        step_ms: length of a step in ms.
        spikes: uint32 (time, class), output spikes.
        running, sliding: int16 (time,), the most active neuron so far and within the sliding
            window; -1 for none.
        synops: int64 (time,), SynOps that a step's events and spikes cause, the input layer
            included.
    """

    title: str
    label: Any
    step_ms: float
    spikes: np.ndarray
    running: np.ndarray
    sliding: np.ndarray
    synops: np.ndarray


def quoted_reading(paths: Named, row: Mapping[str, Any]) -> QuotedReading:
    """Read what the first seed's network did at the best method's chosen point.

    Args:
        paths: `sweeps`, the files of this seed, ``<variant>/seed-<seed>/<recording>.npz``; the
            tables `recordings` and `choice`.
        row: of the recordings table, with `data_note`.
    """
    table = answering(
        read_table(paths["recordings"], "recordings"), read_table(paths["choice"], "choice")
    )
    quoted = table[(table["recording"] == row["recording"]) & (table["chosen"] == 1)].iloc[0]
    (path,) = (path for path in paths["sweeps"] if path.parts[-3] == quoted["variant"])
    sweep = stored_arrays(path)
    place = int(np.flatnonzero(np.isclose(sweep["scales"], quoted["scale"]))[0])
    note = f"{quoted['variant']}, seed {quoted['seed']}, scale {quoted['scale']:.2f}"
    return QuotedReading(
        title=recording_title(row, "; ".join(filter(None, [row["data_note"], note]))),
        label=quoted["label"],
        step_ms=float(sweep["step_us"]) / 1000,
        **{name: sweep[name][place] for name in ("spikes", "running", "sliding", "synops")},
    )
