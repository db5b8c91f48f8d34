"""The quantities by which recordings are compared with those that trained the network."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.events.facts import FACT_COLUMNS
from dvs_snn.files.tables import read_csv
from dvs_snn.plausibility.time_units import SHORTEST_S

QUANTITIES = {
    "duration_s": "s",
    "n_events": "events",
    "events_per_s": "events/s",
    "events_per_pixel": "events",
    "outside_share": "share",
    "box_px": "network pixels",
}
"""Quantity -> unit. `n_events` and `events_per_pixel` count all events of a file and the sensor
pixels that sent any, `events_per_s` the events on the network over the duration; `outside_share`
and `box_px`: :data:`~dvs_snn.events.facts.FACT_COLUMNS`."""

PER_STEP = {"n_steps": "steps", "events_per_step": "events/step"}
"""Those that depend on the time step; events on the network count."""

LEVELS = {"smallest": 0.0, "low": 0.01, "median": 0.5, "high": 0.99, "largest": 1.0}
"""Column of a table of what training saw -> quantile over its recordings."""


def quantities(facts: pd.DataFrame) -> pd.DataFrame:
    """Return the `QUANTITIES` of recordings.

    Args:
        facts: :data:`~dvs_snn.events.facts.FACT_COLUMNS`, a row a recording.
    """
    seconds = facts["duration_s"].clip(lower=SHORTEST_S)
    return pd.DataFrame(
        {
            "duration_s": facts["duration_s"],
            "n_events": facts["n_events"],
            "events_per_s": (facts["n_events"] - facts["n_outside"]) / seconds,
            "events_per_pixel": facts["n_events"] / facts["n_pixels"],
            "outside_share": facts["n_outside"] / facts["n_events"],
            "box_px": facts["box_px"],
        }
    )


def per_step(facts: pd.DataFrame, step_ms: float) -> pd.DataFrame:
    """Return the quantities `PER_STEP` of recordings in time steps of `step_ms`."""
    microseconds = np.rint(facts["duration_s"] * 1e6)
    n_steps = microseconds // round(step_ms * 1000) + 1
    inside = facts["n_events"] - facts["n_outside"]
    return pd.DataFrame({"n_steps": n_steps, "events_per_step": inside / n_steps})


def seen_in(facts: pd.DataFrame | None) -> pd.DataFrame:
    """Return what training saw: a row a quantity, by name, with the columns `LEVELS`.

    Args:
        facts: of the training recordings; None or no row: nothing is known, and no row returned.
    """
    if facts is None or facts.empty:
        return pd.DataFrame(columns=list(LEVELS))
    found = quantities(facts).astype(float)
    return pd.DataFrame({level: found.quantile(share) for level, share in LEVELS.items()})


def read_seen(paths: Iterable[Path]) -> pd.DataFrame:
    """Return what training saw, from the table of its recordings' facts, if the study has one.

    Args:
        paths: none or one: a table with `FACT_COLUMNS`; of a split table the rows `train` count.

    Raises:
        StudyError: it isn't whole.
    """
    for path in paths:
        facts = read_csv(path, FACT_COLUMNS, keep_default_na=False)
        return seen_in(facts[facts["split"] == "train"] if "split" in facts else facts)
    return seen_in(None)


def in_steps(seen: pd.DataFrame, step_ms: float) -> pd.DataFrame:
    """Add to what training saw the quantities `PER_STEP`, from duration and rate."""
    if seen.empty:
        return seen
    step_s = step_ms / 1000
    added = {
        "n_steps": seen.loc["duration_s"] // step_s + 1,
        "events_per_step": seen.loc["events_per_s"] * step_s,
    }
    return pd.concat([seen, pd.DataFrame(added).T])
