"""Result tables of a small study, made up."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.analysis.choice import Quoted
from dvs_snn.analysis.front_points import front_table
from dvs_snn.analysis.points import MEANS, POINT, POINT_COLUMNS
from dvs_snn.files.tables import schema
from dvs_snn.probes.probe_modules import Value, rows_of
from dvs_snn.settings.set_names import TEST_SETS, VALIDATION

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


def make_points(evaluation):
    """The points of whole recordings that an evaluation tells; those last 298.7 ms."""
    rows = evaluation[evaluation["scale"].notna()].assign(
        exit=np.nan, cnn_frames="", cnn_scale=np.nan, macs=""
    )
    names = {"synops_per_recording": "synops_per_reading", "energy_uj": "energy_per_reading_uj"}
    time_ms = rows["energy_uj"] / rows["power_mw"]
    rows = rows.assign(power_while_reading_mw=rows["power_mw"])
    return rows.assign(time_to_exit_ms=time_ms, recording_ms=time_ms).rename(columns=names)[
        POINT_COLUMNS
    ]


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


def make_exits(variants=("plain",), scales=SCALES, sets=SETS, chosen=(0.5, 4)):
    """Rows of ``exits.csv``: SynOps grow with the scale and the lead, and so does accuracy.

    Args:
        chosen: scale and lead of the first variant that validation chose.
    """
    leads = (1.0, 4.0, 16.0, np.nan)
    rows = every(set=sets, variant=variants, seed=SEEDS, scale=scales, exit=leads)
    number = 1 + rows.index % len(leads)
    accuracy = 0.4 + 0.1 * number + 0.05 * rows["seed"]
    of_set = rows["set"].map(N_RECORDINGS)
    is_chosen = rows[["variant", "scale", "exit"]].eq([variants[0], *chosen]).all(axis=1)
    return rows.assign(
        chosen=is_chosen.astype(int),
        n_recordings=of_set,
        n_symbols=of_set // 2,
        accuracy=accuracy,
        accuracy_low=accuracy - 0.1,
        accuracy_high=accuracy + 0.1,
        synops_per_reading=3e5 * rows["scale"] * number,
        events_per_reading=600.0 * number,
        time_to_exit_ms=50.0 * number,
        time_to_exit_median_ms=40.0 * number,
        exited_fraction=0.9 * rows["exit"].notna(),
        energy_per_reading_uj=3 * rows["scale"] * number,
        power_while_reading_mw=0.06 * rows["scale"],
        synops_per_3000_events=1.5e6 * rows["scale"],
        stop_ms=120.0,
        stop_synops_per_reading=7.5e5,
    )


def make_frames_only_evaluation():
    """What the tutorial's frames alone give: an accuracy of the CNN, nothing that spikes."""
    rows = make_evaluation(sets=("validation",), scales=(1.0,)).assign(
        set="frames", n_recordings=0, n_symbols=0
    )
    kept = ["set", "variant", "method", "seed", "n_recordings", "n_symbols", "n_frames"]
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


def make_cnn(sets=("test",)):
    """Points of the CNN that validation chose, means: those that skip zeros stop early."""
    read = {"method": "cnn", "variant": "plain", "n_symbols": 10, "chosen": 1}
    read |= {"cnn_frames": "1000 events", "cnn_scale": 1.0, "note": "the CNN"}
    kinds = ("dense", 2.9e6, None), ("nonzero", 1.2e6, 2.0)
    columns = ["set", "macs", "synops_per_3000_events", "exit"]
    rows = pd.DataFrame([(name, *kind) for name in sets for kind in kinds], columns=columns)
    macs = 2 * rows["synops_per_3000_events"]
    times = {"recording_ms": 300.0, "time_to_exit_ms": rows["exit"].map({2.0: 80.0}).fillna(300.0)}
    return rows.assign(accuracy=0.97, seed=np.nan, synops_per_reading=macs, **read, **times)


def make_front():
    """``front.csv`` of four methods on three sets, three seeds: each cheaper than the one before.

    The two variants of `bptt` have one scale each; early exit stops `lean`.
    """
    rng = np.random.default_rng(0)
    rows = []
    for name, shift in (("validation", 1.0), ("test", 1.0), ("saccades-test", 1.8)):
        for variant, method in METHODS.items():
            for place in {"low": [4], "high": [9]}.get(variant, range(0, 14, 2)):
                for seed in (1, 2, 3):
                    accuracy = 0.97 - 0.7 * np.exp(-0.45 * place) - 0.006 * rng.random()
                    synops = (0.1 + 0.25 * 1.45**place) * CHEAPER[method] * shift * 1e6
                    at = (variant, 0.1 * 1.4**place)
                    rows.append((name, method, *at, None, seed, accuracy, synops))
                    if variant == "lean":
                        read = accuracy - 0.01, 0.35 * synops
                        rows.append((name, "early-exit", *at, 2.0, seed, *read))
    points = pd.DataFrame(rows, columns=["set", *POINT, "seed", *MEANS[:2]])
    synops = 2 * points["synops_per_3000_events"]
    points = points.astype({"exit": float}).assign(
        n_symbols=1000, time_to_exit_ms=300.0, recording_ms=300.0, synops_per_reading=synops,
        energy_per_reading_uj=synops * 1e-5, power_while_reading_mw=synops * 1e-5 / 300,
        power_mw=synops * 1e-5 / 300, cnn_frames="", cnn_scale=np.nan, macs="",
    )  # fmt: skip
    # The dearest points but one; of `bptt` the cheaper variant.
    chosen = points[points["set"] == "test"].groupby("method").nth([-6]).assign(chosen=1)
    sets = (VALIDATION, *TEST_SETS)
    evaluation = make_evaluation(tuple(METHODS), sets=sets, methods=METHODS)
    cnn = make_cnn(("test", "saccades-test"))
    return front_table(points, evaluation, Quoted.of(chosen), PUBLISHED, cnn)


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
