"""What a recording's figures and its player share.

Its events and their colours, and how the network that the page quotes read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from dvs_snn.files.arrays import stored_arrays
from dvs_snn.files.tables import read_table
from dvs_snn.recordings.folders.split_table import open_recording, read_split
from dvs_snn.recordings.folders.symbol_lookup import find_symbol
from dvs_snn.recordings.recording import EventRecording, read_recording
from dvs_snn.report.methods import answering
from dvs_snn.report.style import BLUE, VERMILLION, Named, recording_title

ON_COLOUR, OFF_COLOUR, PLAIN_COLOUR = BLUE, VERMILLION, "#333333"
MICROSECONDS = 1e6


def recording_of(paths: Named, settings: Named) -> EventRecording:
    """Open the recording that a panel shows.

    Args:
        paths: `recording`, its file, or the split table in which its symbol is looked up.
        settings: `row`, of the recordings table; `from_file`, whether it has a file of its own;
            `time_unit`, of the study's data.
    """
    row = settings["row"]
    size = (row["sensor_width"], row["sensor_height"]) if row["sensor_width"] else None
    if settings["from_file"]:
        return read_recording(paths["recording"], size, settings["time_unit"])
    found = find_symbol(read_split(paths["recording"]), row["symbol"])
    return open_recording(found, size)


def events_and_title(paths: Named, settings: Named) -> dict[str, Any]:
    """Arguments of `strip.plot` and `cloud.plot`; arguments as of :func:`recording_of`."""
    recording = recording_of(paths, settings)
    return {
        **{name: recording.events[name] for name in ("t", "x", "y", "p")},
        "sensor_size": recording.sensor_size,
        "has_polarity": recording.has_polarity,
        "title": recording_title(settings["row"], settings["row"]["data_note"]),
    }


def seconds_of(t: np.ndarray) -> np.ndarray:
    """Times (event,) in microseconds as seconds since the first event."""
    t = t.astype(np.int64)
    return (t - t.min()) / MICROSECONDS


def kinds(
    p: np.ndarray | None, has_polarity: bool, n: int, otherwise: str
) -> list[tuple[np.ndarray, str, str]]:
    """Events by polarity: a mask (event,), its colour, its name, `otherwise` without polarity."""
    if not has_polarity:
        return [(np.ones(n, dtype=bool), PLAIN_COLOUR, otherwise)]
    on = p > 0
    return [(on, ON_COLOUR, "ON"), (~on, OFF_COLOUR, "OFF")]


def polarity_legend(figure: Figure, has_polarity: bool, loc: str = "outside lower center") -> None:
    """Say what the colours of events mean."""
    handles = [
        Patch(color=ON_COLOUR, label="ON: brighter"),
        Patch(color=OFF_COLOUR, label="OFF: darker"),
    ]
    if not has_polarity:
        handles = [Patch(color=PLAIN_COLOUR, label="events (the recording has no polarity)")]
    figure.legend(handles=handles, loc=loc, ncols=2)


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
