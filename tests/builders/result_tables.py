"""Result tables of a small study, made up."""

from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from tables_of_trainings import tables_of_trainings

from dvs_snn.files.tables import schema
from dvs_snn.points.point import (
    ALL_MACS,
    EARLY_EXIT,
    NONZERO_MACS,
    PLAIN_CNN,
    POINT,
    SYNOPS,
)
from dvs_snn.probes.probe_modules import Value, rows_of
from dvs_snn.settings.set_names import TEST_SETS, VALIDATION
from dvs_snn.settings.sides import CNN, SPIKING
from dvs_snn.settings.sweep import Power

SCALES = (0.5, 1.0, 2.0)
SEEDS = (1, 2)
SETS = ("validation", "test", "extra")
N_RECORDINGS = {"validation": 10, "test": 20, "extra": 4}


def every(**values):
    """A row for every combination, the last column's values following each other fastest."""
    return pd.DataFrame(product(*values.values()), columns=list(values))


def make_evaluation(variants=("plain",), seeds=SEEDS, scales=SCALES, sets=SETS, methods=None):
    rows = every(set=sets, variant=variants, seed=seeds, scale=scales)
    scale, place = rows["scale"], rows["scale"].map(list(scales).index)
    n_recordings = rows["set"].map(lambda name: N_RECORDINGS.get(name, 20))
    accuracy = 0.4 + 0.2 * place + 0.05 * rows["seed"]
    return rows.assign(
        side=SPIKING,
        chosen=(place == len(scales) - 1).astype(int),
        n_recordings=n_recordings,
        n_symbols=n_recordings // 2,
        accuracy=accuracy,
        accuracy_low=accuracy - 0.15,
        accuracy_high=(accuracy + 0.1).clip(upper=1.0),
        cnn_accuracy=0.9125,
        silent_fraction=0.1 * (place == 0),
        tied_fraction=0.05,
        synops_per_recording=2.5e6 * scale,
        synops_per_3000_events=1.5e6 * scale + 1e4 * rows["seed"],
        synops_per_event=500 * scale,
        power_mw=0.0837 * scale,
        energy_uj=25.0 * scale,
        cnn_macs_per_3000_events=2.9e6,
        n_frames=3 * n_recordings,
        cnn_accuracy_low=0.82,
        cnn_accuracy_high=0.95,
        time_to_decision_ms=120.0,
        # At 10 pJ a SynOp these events make the power above.
        event_rate_hz=16_740.0,
        method=rows["variant"].map(lambda variant: (methods or {}).get(variant, "rescaled")),
    ).reindex(columns=list(schema("evaluation")))


TRAININGS = ["set", "method", *POINT, "seed", "n_recordings", "n_symbols", "accuracy"]
TRAININGS += ["operations_per_reading", "operations_per_3000_events"]
TRAININGS += ["time_to_exit_ms", "recording_ms"]
"""Columns of rows by training, as `tables_of_trainings.trials_of` takes them."""

EXITS = {1.0: (0.2, 0.3), 4.0: (0.5, 0.2), 16.0: (0.8, 0.1)}
"""By lead what an exit takes of the whole recording, a share, and the accuracy that it costs."""


def make_trainings(evaluation):
    """Every training's points: the networks of an evaluation, their exits, and the CNN."""
    rows = evaluation[(evaluation["side"] == SPIKING) & evaluation["scale"].notna()]
    names = {"synops_per_recording": "operations_per_reading"}
    names |= {"synops_per_3000_events": "operations_per_3000_events"}
    # Those last 298.7 ms.
    time_ms = rows["energy_uj"] / rows["power_mw"]
    whole = rows.rename(columns=names).assign(
        exit=np.nan, frames="", counted=SYNOPS, time_to_exit_ms=time_ms, recording_ms=time_ms
    )[TRAININGS]
    exits = [_stopped_early(whole, lead, *taken) for lead, taken in EXITS.items()]
    of_sets = rows.groupby("set", sort=False)[["n_recordings", "n_symbols"]].first().reset_index()
    return pd.concat([whole, *exits, make_cnn(of_sets, sorted(rows["seed"].unique()))])


def _stopped_early(whole, lead, share, lost):
    """Return networks to recordings' ends as an exit stops them."""
    measured = ["operations_per_reading", "operations_per_3000_events", "time_to_exit_ms"]
    return whole.assign(
        method=EARLY_EXIT,
        exit=lead,
        accuracy=(whole["accuracy"] - lost).clip(lower=0),
        **{name: share * whole[name] for name in measured},
    )


def make_fixed_stops(trainings):
    """Rows of `fixed_stops`: after 120 ms a network reads all, for 1.25 times its own SynOps."""
    rows = trainings[(trainings["side"] == SPIKING) & trainings["exit"].isna()]
    synops = 1.25 * rows["operations_per_reading"] * rows["n_recordings"]
    stops = rows.assign(stop_ms=120.0, n_correct=rows["n_recordings"], synops=synops)
    return stops.reindex(columns=list(schema("fixed_stops")))


def make_budgets():
    """Two budgets of energy on the set `test`: one is met by nothing, one has a price."""
    row = {"axis": "energy_per_reading_uj", "static_mw": 0.0, "set": "test", "method": "rescaled"}
    row |= {"variant": "plain", "scale": 2.0, "accuracy": 0.875, "accuracy_low": 0.8}
    row |= {"accuracy_high": 0.9, "validation_cost": 29.5, "energy_per_reading_uj": 31.25}
    row |= {
        "time_to_exit_ms": 298.7,
        "budget": 30.0,
        "price": 4.5,
        "price_low": 3.25,
        "price_high": 6.75,
        "note": "",
    }
    none = {"budget": 2.0, "note": "no point within this budget", "variant": "", "method": ""}
    rows = [{name: row[name] for name in ("axis", "static_mw", "set")} | none, row]
    return pd.DataFrame(rows, columns=list(schema("budgets")))


def make_frames_only_evaluation():
    """What the tutorial's frames alone give: an accuracy of the CNN, nothing that spikes."""
    rows = make_evaluation(sets=("validation",), scales=(1.0,)).assign(
        set="frames", side=CNN, n_recordings=0, n_symbols=0
    )
    kept = ["set", "side", "variant", "method", "seed", "n_recordings", "n_symbols", "n_frames"]
    kept += ["cnn_accuracy", "cnn_accuracy_low", "cnn_accuracy_high"]
    return rows[kept].reindex(columns=rows.columns)


def make_predictions():
    """Of the recordings of a set the fourth is silent, and the fifth is read as 9."""
    rows = every(
        set=["validation", "test"], variant=["plain"], seed=SEEDS, scale=SCALES, i=range(20)
    )
    rows = rows[rows["i"] < rows["set"].map(N_RECORDINGS)].reset_index(drop=True)
    number = rows.pop("i")
    silent, digit = number == 3, number % 10
    return rows.assign(
        recording=rows["set"] + "-" + number.astype(str),
        symbol="s" + number.astype(str),
        label=digit,
        predicted=digit.where(number != 4, 9).mask(silent),
        cnn_predicted=digit,
        silent=silent.astype(int),
        tied=0,
        chosen=(rows["scale"] == SCALES[-1]).astype(int),
        n_steps=30,
        synops=2_500_000,
        time_to_decision_ms=(10.0 * (number + 1)).mask(silent),
    )


POWER = {"energy_per_synop_pj": 10, "energy_band_pj": [0.9, 27], "static_power_mw": 0}
PUBLISHED = pd.read_csv(Path(__file__).parents[2] / "workflow" / "data" / "published.tsv", sep="\t")


METHODS = {"plain": "rescaled", "lean": "synop-loss", "low": "bptt", "high": "bptt"}
CHEAPER = {"rescaled": 1.0, "synop-loss": 0.4, "bptt": 0.25}


def make_cnn(of_sets, seeds):
    """The CNN's points, of each training: to the end, and stopped after half of its MACs.

    Args:
        of_sets: a row for each set, with `set`, `n_recordings` and `n_symbols`.
    """
    ends = pd.DataFrame({"exit": [np.nan, 2.0], "share": [1.0, 0.5], "ms": [300.0, 80.0]})
    costs = pd.DataFrame({"counted": [ALL_MACS, NONZERO_MACS], "macs": [2.9e6, 2.4e6]})
    rows = of_sets.merge(ends, how="cross").merge(costs, how="cross")
    rows = rows.merge(pd.DataFrame({"seed": seeds}), how="cross")
    macs = rows["share"] * rows["macs"]
    return rows.assign(
        method=PLAIN_CNN,
        side=CNN,
        variant="plain",
        scale=1.0,
        frames="1000 events",
        accuracy=0.97,
        operations_per_3000_events=macs,
        # A recording has 6,000 events.
        operations_per_reading=2 * macs,
        time_to_exit_ms=rows["ms"],
        recording_ms=300.0,
    )[TRAININGS]


@cache
def _many_points():
    """`points.csv` of four methods, as `make_points` returns it."""
    rng = np.random.default_rng(0)
    rows = []
    for name, shift in (("validation", 1.0), ("test", 1.0), ("saccades-test", 1.8)):
        for variant, method in METHODS.items():
            for place in {"low": [4], "high": [9]}.get(variant, range(0, 14, 2)):
                for seed in (1, 2, 3):
                    accuracy = 0.97 - 0.7 * np.exp(-0.45 * place) - 0.006 * rng.random()
                    synops = (0.1 + 0.25 * 1.45**place) * CHEAPER[method] * shift * 1e6
                    at = (variant, 0.1 * 1.4**place)
                    rows.append((name, method, *at, None, seed, accuracy, synops, 300.0))
                    for lead, share, lost in LEADS if variant == "lean" else ():
                        read = (accuracy - lost, share * synops, share * 300.0)
                        rows.append((name, EARLY_EXIT, *at, lead, seed, *read))
    columns = ["set", "method", "variant", "scale", "exit", "seed", "accuracy"]
    columns += ["operations_per_3000_events", "time_to_exit_ms"]
    spiking = pd.DataFrame(rows, columns=columns).astype({"exit": float})
    spiking = spiking.assign(
        side=SPIKING, frames="", counted=SYNOPS, recording_ms=300.0, n_recordings=1000,
        n_symbols=1000, operations_per_reading=2 * spiking["operations_per_3000_events"],
    )  # fmt: skip
    of_sets = spiking.groupby("set", sort=False)[["n_recordings", "n_symbols"]].first()
    trainings = pd.concat([spiking[TRAININGS], make_cnn(of_sets.reset_index(), (1, 2, 3))])

    # The dearest points but one; of `bptt` the cheaper variant.
    scale = 0.1 * 1.4**10
    chosen = {"rescaled": ("plain", scale, None), "synop-loss": ("lean", scale, None)}
    chosen |= {"bptt": ("low", 0.1 * 1.4**4, None), EARLY_EXIT: ("lean", scale, 4.0)}
    choice = pd.DataFrame.from_dict(chosen, "index", columns=["variant", "scale", "exit"])
    choice = choice.rename_axis("method").reset_index().assign(chosen=1, within_points=1.0)
    evaluation = make_evaluation(tuple(METHODS), sets=(VALIDATION, *TEST_SETS), methods=METHODS)
    tables = tables_of_trainings(trainings, choice, evaluation, PUBLISHED, Power(**POWER))
    return tables["points"]


LEADS = ((1.0, 0.2, 0.25), (4.0, 0.35, 0.01), (16.0, 0.5, 0.005))
"""Leads of early exit of `lean`, what they take of a recording, and the accuracy they cost."""


def make_points():
    """``points.csv`` of four methods on three sets, three seeds: each cheaper than the one before.

    The two variants of `bptt` have one scale each; early exit stops `lean`.
    """
    return _many_points().copy()


CHANGES = (("base", ""), ("timing", "steps of 1 ms"), ("lower bound", "none"), ("weights", "int8"))


def make_probes(methods=("rescaled", "bptt"), seeds=SEEDS, sets=("test", "saccades-test")):
    """Changes of which the last moves the cost by 30 %, and the second accuracy by 3 points."""
    rows = []
    moves = zip(CHANGES, (0, -0.03, 0.01, 0.02), (0, 0.1, -0.05, 0.3), (0, 1, 0, 1), strict=True)
    for method, seed, shown, move in product(methods, seeds, sets, list(moves)):
        condition, points, change, moved = move
        amounts = {"recordings": 200, "accuracy_change": points, "synops_change": change}
        amounts |= {"synops_per_3000_events": 2e6 * (1 + change), "moved": moved}
        values = [Value("accuracy", 0.95 + points, 0.9, 0.99, 200)]
        values += [Value(*pair) for pair in amounts.items()]
        of_probe = rows_of(values, condition, shown, method, 2.0)
        key = {"probe": "ablation", "variant": "plain", "seed": seed}
        rows += [row | key for row in of_probe]
    return pd.DataFrame(rows).reindex(columns=list(schema("probes")))
