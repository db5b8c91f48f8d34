"""Result tables of a small study, made up."""

import pandas as pd

SCALES = (0.5, 1.0, 2.0)
SEEDS = (1, 2)
SETS = ("validation", "test", "extra")
LAYERS = ("conv1", "conv2", "fc1")
N_RECORDINGS = {"validation": 10, "test": 20, "extra": 4}


def make_evaluation(variants=("plain",), seeds=SEEDS, scales=SCALES, sets=SETS):
    rows = []
    for name in sets:
        for variant in variants:
            for seed in seeds:
                for i, scale in enumerate(scales):
                    accuracy = 0.4 + 0.2 * i + 0.05 * seed
                    rows.append(
                        {
                            "set": name,
                            "variant": variant,
                            "seed": seed,
                            "scale": scale,
                            "chosen": int(scale == scales[-1]),
                            "n_recordings": N_RECORDINGS[name],
                            "n_symbols": N_RECORDINGS[name] // 2,
                            "accuracy": accuracy,
                            "accuracy_low": accuracy - 0.15,
                            "accuracy_high": min(accuracy + 0.1, 1.0),
                            "ann_accuracy": 0.9125,
                            "silent_fraction": 0.1 if i == 0 else 0.0,
                            "tied_fraction": 0.05,
                            "synops_per_recording": 2.5e6 * scale,
                            "synops_per_3000_events": 1.5e6 * scale + 1e4 * seed,
                            "synops_per_event": 500 * scale,
                            "power_mw": 0.0837 * scale,
                            "energy_uj": 25.0 * scale,
                            "ann_macs_per_3000_events": 2.9e6,
                            "n_frames": 3 * N_RECORDINGS[name],
                            "ann_accuracy_low": 0.82,
                            "ann_accuracy_high": 0.95,
                            "time_to_decision_ms": 120.0,
                            # At 10 pJ a SynOp these events make the power above.
                            "event_rate_hz": 16_740.0,
                            "chosen_any": int(scale == scales[-1]),
                        }
                    )
    return pd.DataFrame(rows)


def make_frames_only_evaluation():
    """What the tutorial's frames alone give: an accuracy of the CNN, nothing that spikes."""
    rows = make_evaluation(sets=("validation",), scales=(1.0,)).assign(
        set="frames", n_recordings=0, n_symbols=0
    )
    kept = ["set", "variant", "seed", "n_recordings", "n_symbols", "n_frames"]
    kept += ["ann_accuracy", "ann_accuracy_low", "ann_accuracy_high"]
    return rows[kept].reindex(columns=rows.columns)


def make_layers(seeds=SEEDS, scales=SCALES):
    rows = []
    for name, recording in [(s, None) for s in SETS] + [(None, "A"), (None, "B")]:
        for seed in seeds:
            for scale in scales:
                for i, layer in enumerate(LAYERS):
                    spikes = 1000 * (i + 1) * seed
                    rows.append(
                        {
                            "set": name,
                            "recording": recording,
                            "variant": "plain",
                            "seed": seed,
                            "scale": scale,
                            "layer": layer,
                            "spikes_in": spikes,
                            "spikes_out": spikes // 2,
                            "fanout_nominal": 72,
                            "synops": 60 * spikes * scale,
                            "synops_nominal": 72 * spikes * scale,
                            "synops_per_s": 120 * spikes * scale,
                        }
                    )
    return pd.DataFrame(rows)


def make_training(variants=("plain",), seeds=SEEDS, epochs=3):
    return pd.DataFrame(
        [
            {
                "variant": variant,
                "seed": seed,
                "epoch": epoch,
                "loss": 2.3 / epoch + 0.1 * seed,
                "train_accuracy": 0.3 * epoch,
                "validation_accuracy": 0.28 * epoch,
            }
            for variant in variants
            for seed in seeds
            for epoch in range(1, epochs + 1)
        ]
    )


def make_predictions():
    rows = []
    for name in ("validation", "test"):
        for seed in SEEDS:
            for scale in SCALES:
                for i in range(N_RECORDINGS[name]):
                    silent = i == 3
                    rows.append(
                        {
                            "set": name,
                            "variant": "plain",
                            "seed": seed,
                            "scale": scale,
                            "recording": f"{name}-{i}",
                            "symbol": f"s{i}",
                            "label": i % 10,
                            "predicted": None if silent else (i % 10 if i != 4 else 9),
                            "ann_predicted": i % 10,
                            "silent": int(silent),
                            "tied": 0,
                            "chosen": int(scale == SCALES[-1]),
                        }
                    )
    return pd.DataFrame(rows)


CHANGES = (("base", ""), ("step", "1 ms"), ("lower bound", "none"), ("length", "8 times"))


def make_ablation(methods=("rescaled", "bptt"), seeds=SEEDS):
    """Changes of which the last moves the cost by 30 %, and the second accuracy by 3 points."""
    rows = []
    for method in methods:
        for seed in seeds:
            for name in ("test", "saccades-test"):
                for number, (part, value) in enumerate(CHANGES):
                    points, change = (0, -0.03, 0.01, 0.02)[number], (0, 0.1, -0.05, 0.3)[number]
                    rows.append(
                        {
                            "variant": "plain", "method": method, "seed": seed, "scale": 2.0,
                            "set": name, "part": part, "value": value, "n_recordings": 200,
                            "n_symbols": 200, "accuracy": 0.95 + points, "difference": points,
                            "synops_per_3000_events": 2e6 * (1 + change), "synops_change": change,
                            "moved": int(number in (1, 3)),
                        }
                    )  # fmt: skip
    return pd.DataFrame(rows)


def make_chip_fit(seeds=SEEDS):
    """A layer that a core takes, and one that no core does."""
    rows = []
    for seed in seeds:
        shared = {"variant": "plain", "method": "rescaled", "seed": seed, "scale": 2.0}
        rows += [
            {
                **shared, "layer": "conv1", "core": 3, "fits": 1, "kernel_memory": 128,
                "kernel_limit": 32768, "neuron_memory": 32768, "neuron_limit": 32768, "fan_in": 9,
                "fan_out": 72, "largest_weight": 127, "threshold": 60 + seed,
                "spikes_per_event": 3, "synops_per_s": 4.0e6,
            },
            {
                **shared, "layer": "fc1", "core": None, "fits": 0, "kernel_memory": 131072,
                "neuron_memory": 10, "fan_in": 432, "fan_out": 10, "largest_weight": 127,
                "threshold": 500, "spikes_per_event": 1, "synops_per_s": 1.0e5,
            },
        ]  # fmt: skip
    return pd.DataFrame(rows)


def published_points():
    return pd.DataFrame(
        {
            "series": ["first layer rescaled"] * 2 + ["baseline"],
            "accuracy": [0.953, 0.938, 0.963],
            "synops": [2.03e6, 1.63e6, 3.88e6],
        }
    )
