"""Quantities of recordings, and which lie beyond the range of those that trained the network."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.files.tables import read_csv, schema
from dvs_snn.recordings.plausibility.finding import Finding, count_words

QUANTITIES = {
    "duration_s": "s",
    "n_events": "events",
    "events_per_s": "events/s",
    "events_per_pixel": "events",
    "outside_share": "share",
    "box_px": "network pixels",
    "n_pixels": "pixels",
    "short_interval_share": "share",
}
PER_STEP = {"n_steps": "steps", "events_per_step": "events/step"}
"""Quantity -> unit. `n_events` and `events_per_pixel` count all events of a file. `n_pixels` counts
the pixels that sent any. The other quantities are of the events on the network."""

LEVELS = {"smallest": 0.0, "low": 0.01, "median": 0.5, "high": 0.99, "largest": 1.0}
"""Column of a table of what training saw -> quantile over its recordings."""

SHORTEST_S = 1e-6
"""Recordings whose events have all one time count as a microsecond long."""

SHORT = "short_interval_share"
SYNOPS = "synops_per_event"
MARKED = ("duration_s", "events_per_s", "outside_share", "box_px", SHORT)
"""The quantities by which a recording is marked, beside `SYNOPS` under each network."""

MARGIN = 1.1
OUTSIDE_MARGIN = 0.05
"""A recording is beyond training's range by more than this factor. The share of events outside is
mostly 0 in training, so there it is a difference."""

N_NEAREST = 20
"""`SHORT` is held against so many training recordings, those nearest in size, and `SYNOPS` against
validation recordings. The range of all would hide slow recordings whose pixels fire in bursts: the
pixels of quick ones do so too."""

SHORT_MARGIN = 0.1
SYNOPS_MARGIN = 1.2
"""How far `SHORT` has to exceed the largest of the nearest, and by which factor `SYNOPS`."""

NEARLY_ALL = 0.9
"""Share of a set's recordings beyond training's range above which the set is warned of. Training
before a study is a small sample, whose range is too narrow."""

NETWORK = ["variant", "seed", "scale", "timing"]


def quantities(facts: pd.DataFrame) -> pd.DataFrame:
    """Return the `QUANTITIES` of recordings from their `facts`, a row a recording."""
    inside = facts["n_events"] - facts["n_outside"]
    more = facts.assign(
        events_per_s=inside / facts["duration_s"].clip(lower=SHORTEST_S),
        events_per_pixel=facts["n_events"] / facts["n_pixels"],
        outside_share=facts["n_outside"] / facts["n_events"],
    )
    return more[list(QUANTITIES)]


def per_step(facts: pd.DataFrame, step_ms: float) -> pd.DataFrame:
    """Return the quantities `PER_STEP` of recordings in time steps of `step_ms`."""
    microseconds = np.rint(facts["duration_s"] * 1e6)
    n_steps = microseconds // round(step_ms * 1000) + 1
    inside = facts["n_events"] - facts["n_outside"]
    return pd.DataFrame({"n_steps": n_steps, "events_per_step": inside / n_steps})


def seen_in(facts: pd.DataFrame | None) -> pd.DataFrame:
    """Return what training saw: the `QUANTITIES`, a row a recording; no row if unknown."""
    if facts is None or facts.empty:
        return pd.DataFrame(columns=list(QUANTITIES), dtype=float)
    return quantities(facts).astype(float)


def levels_of(seen: pd.DataFrame) -> pd.DataFrame:
    """Return a row a quantity, with the columns `LEVELS`; nan if nothing is known of it."""
    return pd.DataFrame({level: seen.quantile(share) for level, share in LEVELS.items()})


def read_seen(paths: Sequence[Path]) -> pd.DataFrame:
    """Return what training saw, from a table of facts or a split table, if there is a path."""
    if not paths:
        return seen_in(None)
    facts = read_csv(paths[0], schema("facts"), keep_default_na=False, na_values={SHORT: [""]})
    return seen_in(facts[facts["split"] == "train"] if "split" in facts else facts)


def in_steps(seen: pd.DataFrame, step_ms: float) -> pd.DataFrame:
    """Add to what training saw the quantities `PER_STEP`, from duration and rate."""
    steps = seen["duration_s"] // (step_ms / 1000) + 1
    return seen.assign(n_steps=steps, events_per_step=seen["events_per_s"] * step_ms / 1000)


def largest_nearby(recordings: pd.DataFrame, known: pd.DataFrame, name: str) -> np.ndarray:
    """Return the largest `name` of the `N_NEAREST` known recordings, for each of `recordings`.

    A size is `n_pixels` and `box_px`, and nearness the distance of their logarithms. Returns
    float64 (recording,), nan if none is known.
    """
    # Imported here alone: few jobs need it.
    from scipy.spatial import cKDTree

    known = known[known[name].notna()]
    if known.empty:
        return np.full(len(recordings), np.nan)

    def sizes(table: pd.DataFrame) -> np.ndarray:
        return np.log(table[["n_pixels", "box_px"]].to_numpy(np.float64).clip(min=1))

    nearest = range(1, min(N_NEAREST, len(known)) + 1)
    _, places = cKDTree(sizes(known)).query(sizes(recordings), nearest)
    return known[name].to_numpy(np.float64)[places].max(axis=1)


def beyond(values: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Return which quantities lie beyond what training saw; none beyond what is unknown."""
    levels = levels_of(seen).reindex(values.columns).astype(float)
    above = levels["largest"] * MARGIN
    above["outside_share"] = levels.loc["outside_share", "largest"] + OUTSIDE_MARGIN
    # Comparisons with NaN, which stands for what is unknown, are false.
    is_beyond = values.lt(levels["smallest"] / MARGIN) | values.gt(above)
    is_beyond[SHORT] = values[SHORT] > largest_nearby(values, seen, SHORT) + SHORT_MARGIN
    return is_beyond


def marks(
    outcomes: pd.DataFrame, seen: pd.DataFrame, validation: Mapping[Hashable, pd.DataFrame]
) -> pd.Series:
    """Return those of `MARKED`, and `SYNOPS`, that lie beyond training's, as `duration_s box_px`.

    Args:
        validation: outcomes of that set under each network, by `NETWORK`, with a column `SYNOPS`.
            Without those of a network its SynOps mark nothing.
    """
    facts = outcomes.rename(columns={"n_events_outside": "n_outside"})
    facts = facts.assign(n_events=facts["n_events"] + facts["n_outside"])
    is_beyond = beyond(quantities(facts), seen)[list(MARKED)].assign(**{SYNOPS: False})
    for network, rows in outcomes.groupby(NETWORK):
        if network in validation and len(seen):
            most = SYNOPS_MARGIN * largest_nearby(rows, validation[network], SYNOPS)
            is_beyond.loc[rows.index, SYNOPS] = rows["synops"] / rows["n_events"] > most
    names = [" ".join(is_beyond.columns[row]) for row in is_beyond.to_numpy()]
    return pd.Series(names, index=outcomes.index, dtype=str)


def within(outcomes: pd.DataFrame, seen: pd.DataFrame) -> dict[str, object]:
    """Return `n_beyond` and `accuracy_within` of a set's recordings under one network."""
    is_within = outcomes["beyond_training"] == ""
    n_beyond = int((~is_within).sum()) if len(seen) else None
    return {"n_beyond": n_beyond, "accuracy_within": outcomes.loc[is_within, "correct"].mean()}


def mostly_beyond(rows: pd.DataFrame, seen: pd.DataFrame) -> list[Finding]:
    """Tell of quantities by which nearly all recordings of a set lie beyond training's."""
    values = quantities(rows)
    share = beyond(values, seen)[list(MARKED)].mean()
    levels = levels_of(seen).reindex(MARKED)
    beyond_findings = []
    for name in share.index[share > NEARLY_ALL]:
        low, high = levels.loc[name, ["smallest", "largest"]]
        sentence = (
            f"{round(share[name] * len(rows))} of {len(rows)} recordings lie outside training's "
            f"range of {name}, {low:.3g} to {high:.3g} (median here {values[name].median():.3g}): "
            "accuracy and power don't hold for recordings like those of training"
        )
        beyond_findings.append(Finding(name, "warning", sentence))
    return beyond_findings


def event_rate(rows: pd.DataFrame, seen: pd.DataFrame, step_ms: float) -> Finding | None:
    """Tell if the median recording's rate is beyond training's range: the power follows it."""
    if seen.empty:
        return None
    ours = float(per_step(rows, step_ms)["events_per_step"].median())
    trained = levels_of(in_steps(seen, step_ms)).loc["events_per_step"]
    if trained["smallest"] / MARGIN <= ours <= trained["largest"] * MARGIN:
        return None
    times = ours / trained["median"]
    share = f"{count_words(times)} times" if times >= 1 else f"{times:.2g} of"
    usual = f"{count_words(trained['smallest'])} to {count_words(trained['largest'])}"
    sentence = (
        f"events per step are {share} those of training ({usual}), and power changes with them"
    )
    sentence += "; if noise makes them, filter it out of the files" if times > 1 else ""
    return Finding("events_per_step", "warning", sentence)
