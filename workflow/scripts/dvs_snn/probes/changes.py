"""What each change of how a network runs moves of the quoted network."""

import pandas as pd

from dvs_snn.points.choice import Quoted
from dvs_snn.probes.probe_modules import BASE, LIMIT_PERCENT, LIMIT_POINTS

ACCURACY = "accuracy_change"
COST = "synops_change"
LINES = {
    ACCURACY: (0, -LIMIT_POINTS, LIMIT_POINTS),
    COST: (1, 1 - LIMIT_PERCENT / 100, 1 + LIMIT_PERCENT / 100),
}
"""Of each measure no change, and the limits below and above."""


def changes(probes: pd.DataFrame, quoted: Quoted) -> pd.DataFrame:
    """What each condition moves of the quoted network, means over the trainings.

    Columns: condition, set, measure, `x` (percentage points, or a ratio), its interval `low` to
    `high`, `n` recordings, and whether a change is `seen`: beyond a limit, and not by chance.
    """
    rows = probes[(probes["part"] != BASE[0]) & probes["measure"].isin(LINES)]
    rows = rows.dropna(subset="amount")
    # An empty table has no text in its columns of text.
    rows = rows.assign(condition=rows["part"].astype(str) + ": " + rows["value"].astype(str))

    # A change to what one quoted network has already was measured of another one alone.
    places = {name: place for place, name in enumerate(quoted.methods)}
    place = rows["method"].map(places).fillna(len(places))
    rows = rows[place == place.groupby(rows["condition"]).transform("min")]

    key = ["condition", "set", "measure"]
    amounts = ["amount", "low", "high", "n"]
    rows = rows.astype(dict.fromkeys(amounts, float))
    rows = rows.groupby(key, sort=False, as_index=False)[amounts].mean()

    is_share = rows["measure"] == ACCURACY
    for name, amount in {"x": "amount", "low": "low", "high": "high"}.items():
        rows[name] = (100 * rows[amount]).where(is_share, 1 + rows[amount])

    limits = pd.DataFrame(LINES, ["none", "low", "high"]).T.reindex(rows["measure"])
    # What a measured share lacks to a limit by its last digits doesn't count.
    is_below = rows["x"] < limits["low"].to_numpy() - 1e-9
    is_above = rows["x"] > limits["high"].to_numpy() + 1e-9
    none = limits["none"].to_numpy()
    is_chance = (rows["low"] <= none) & (rows["high"] >= none)
    return rows.assign(seen=(is_below | is_above) & ~is_chance)
