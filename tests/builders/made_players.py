"""Recordings and readings, made up, and what the page's player shows of them."""

from pathlib import Path
from typing import Any

import numpy as np
from drawings import make_events, make_spikes

from dvs_snn.recordings.recording import EVENT_DTYPE
from dvs_snn.report.recorded import QuotedReading

STEP_MS = 10.0


def made_events(n: int = 5000, duration_us: int = 300_000) -> np.ndarray:
    """Events (n,) of `EVENT_DTYPE` on a 34 x 34 sensor."""
    found = np.zeros(n, EVENT_DTYPE)
    for name, column in zip("txyp", make_events(n, duration_us), strict=True):
        found[name] = column
    return found


def made_reading(n_steps: int = 30, label: Any = 3, silent: bool = False) -> QuotedReading:
    """A network that soon settles on 3; `silent`: it has no output spike."""
    spikes, running, sliding = make_spikes(n_steps)
    if silent:
        spikes, running, sliding = spikes * 0, running * 0 - 1, sliding * 0 - 1
    synops = np.random.default_rng(1).integers(10_000, 900_000, n_steps)
    return QuotedReading("Recording <A>", label, STEP_MS, spikes, running, sliding, synops)


def given_files(folder: Path) -> dict[str, Path]:
    """The files of a recording's player, as the section of the recordings is given them."""
    return {"film": folder / "film.png", "player": folder / "player.json"}
