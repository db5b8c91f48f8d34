"""Published figures beside ours, each with a verdict and a reason."""

import math
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from dvs_snn.energy.price import energy_uj, flat_price, power_mw
from dvs_snn.files.tables import schema
from dvs_snn.settings.sides import SPIKING

TUTORIAL_FANOUTS = {"conv1": 288, "conv2": 144, "conv3": 32, "fc1": 10}
TUTORIAL_STEP_MS = 10
COMPUTED = "computed from its printed spike counts"
"""The beginning of `why` in rows that are arithmetic on printed numbers."""


class Ours(NamedTuple):
    """Our figures for a published one, one for each seed, and why the verdict is what it is.

    Without a `why` there is a reason only if the figures differ; a verdict is due only where both
    are comparable: measured alike.
    """

    values: list[float]
    why: str
    is_comparable: bool = True


def tutorial_recomputed(published: pd.DataFrame) -> dict[str, Ours]:
    """Compute the tutorial's printed figures from its printed spike counts, by our functions.

    Like the tutorial, SynOps/s count a step as 1 ms.
    """
    value = published.set_index("quantity")["value"].astype(float)
    n_steps = int(value["tutorial_recording_A_steps"])
    total = 0.0
    computed = {}
    per_s = f"{COMPUTED}, a step taken as 1 ms as it does; with the 10 ms fed it is a tenth"
    layers = [*TUTORIAL_FANOUTS, "fc2"][1:]
    for layer, (before, fanout) in zip(layers, TUTORIAL_FANOUTS.items(), strict=True):
        synops = value[f"tutorial_spikes_{before}"] * fanout
        total += synops
        computed[f"tutorial_synops_{layer}"] = Ours([synops], COMPUTED)
        computed[f"tutorial_synops_per_s_{layer}"] = Ours([synops / (n_steps * 1e-3)], per_s)
    time_ms = n_steps * TUTORIAL_STEP_MS

    def power_at(pj: float) -> list[float]:
        energy = energy_uj(flat_price(pj), SPIKING, total, float(time_ms))
        return [float(power_mw(energy, float(time_ms)))]

    constant = f"{COMPUTED} with its own constant, 10e-8 mJ = 100 pJ a SynOp; its text says 10 pJ"
    tenth = "the same counts with the 10 pJ that its text states: a tenth of what it prints"
    return computed | {
        "tutorial_power_printed": Ours(power_at(100.0), constant),
        "tutorial_power_at_10_pj": Ours(power_at(10.0), tenth),
    }


def read_published(path: Path) -> pd.DataFrame:
    """Read ``workflow/data/published.tsv``; a figure that was never published has no value."""
    return pd.read_csv(path, sep="\t").fillna({"conditions": ""})


def comparison_table(
    published: pd.DataFrame,
    evaluation: pd.DataFrame,
    source: str,
    network: str,
    recordings: pd.DataFrame | None = None,
    layers: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return ``comparison.csv``: every published figure beside ours, with a verdict and a reason.

    A figure measured on other data (`source`) or with another `network` is shown, but isn't
    comparable. Our `recordings` and `layers` are compared for the source `tutorial` alone.
    """
    measured = tutorial_recomputed(published) | _ours_sorbaro(evaluation, source, network)
    if source == "tutorial":
        measured |= _ours_tutorial(recordings, layers)
    rows = []
    for row in published.itertuples():
        ours = measured.get(row.quantity) or Ours([], _lacking(row.quantity, source), False)
        rows.append(_judged(row.value, row.tolerance, ours))
    conditions = published["conditions"].map(lambda text: text and f" ({text})")
    sources = published["source"] + conditions
    table = published.rename(columns={"value": "published"}).assign(published_source=sources)
    judged = pd.DataFrame(rows, columns=["ours", "ours_low", "ours_high", "n", "verdict", "why"])
    return table.join(judged)[list(schema("comparison"))]


def _judged(published: float, tolerance: float, ours: Ours) -> dict[str, object]:
    """Return mean and ends over the seeds, which are too few for an sd, the verdict and why.

    The tolerance is a share of the published value.
    """
    row = {"n": len(ours.values), "verdict": "not comparable", "why": ours.why}
    if ours.values:
        mean = sum(ours.values) / len(ours.values)
        row |= {"ours": mean, "ours_low": min(ours.values), "ours_high": max(ours.values)}
    if math.isnan(published):
        row["verdict"] = ""
    elif ours.is_comparable:
        row["verdict"] = "reproduced"
        if abs(mean - published) > tolerance * abs(published):
            row["verdict"] = "differs"
            row["why"] = ours.why or "our recording A or training differs from the tutorial's"
    return row


def _lacking(name: str, source: str) -> str:
    """Say why this study has no figure beside a published one."""
    if name.startswith("tutorial_"):
        if source == "tutorial":
            return "not measured here"
        return "measured on the tutorial's own archives, which this study doesn't use"
    if name == "speck_static_power":
        return "a chip's floor; it enters our power only through power.static_power_mw"
    return "a network or a labelled set that this study lacks; a point of the figure"


def _ours_tutorial(recordings: pd.DataFrame, layers: pd.DataFrame) -> dict[str, Ours]:
    """Return our figures for the tutorial's recording A at scale 1 in its steps, one per seed."""
    first, rows = (
        table[(table["recording"] == "A") & (table["timing"] == "steps") & (table["scale"] == 1.0)]
        for table in (recordings, layers)
    )
    if first.empty:
        return {}
    shown = first.iloc[0]
    figures = {
        "tutorial_recording_A_events": [float(shown["n_events"] + shown["n_events_outside"])],
        "tutorial_recording_A_steps": [float(shown["n_steps"])],
    }
    for layer, group in rows.groupby("layer"):
        figures[f"tutorial_spikes_{layer}"] = group["spikes_out"].astype(float).tolist()
    return {name: Ours(values, "") for name, values in figures.items()}


def _ours_sorbaro(evaluation: pd.DataFrame, source: str, network: str) -> dict[str, Ours]:
    """Return our test accuracy and SynOps at the chosen scales beside Sorbaro's baseline."""
    rows = evaluation[(evaluation["set"] == "test") & (evaluation["chosen"] == 1)]
    if rows.empty:
        return {}
    why = (
        "theirs is MNIST-DVS scale 16 with their network in 1 ms steps; ours is this study's test "
        f"set ({source} source) with network {network} at the best method's point, chosen on "
        "validation"
    )
    return {
        "sorbaro_baseline_accuracy": Ours(rows["accuracy"].tolist(), why, False),
        "sorbaro_baseline_synops": Ours(rows["synops_per_3000_events"].tolist(), why, False),
    }
