"""A page of a simulated study, made up."""

import copy
from pathlib import Path

import numpy as np
from pages import SIMULATED, make_page, make_tables
from result_tables import make_predictions
from simulated_tables import (
    make_calibration,
    make_features,
    make_pairs,
    make_probes_of_simulated,
    make_realism,
)

from dvs_snn.probes.pairs import paired_table
from dvs_snn.probes.twins import TWINS_PER_DIGIT
from dvs_snn.settings.study import as_dict, read_configs

ROOT = Path(__file__).parents[2]
STUDY = as_dict(read_configs([ROOT / "config.yaml"]))


def make_config(**changes):
    """The study's own settings, apart from the values that the tests look for."""
    simulation = copy.deepcopy(STUDY["simulation"])
    simulation["symbols"] |= {"test": list(TWINS_PER_DIGIT), "validation": 40, "training": None}
    simulation["sensors"]["dvs128"] |= {"threshold_on": 0.2345, "hot_share": 0.0}
    simulation["sensors"]["atis"] |= {"threshold_on": 0.094, "hot_share": 0.0}
    magnification = {"scale04": 1.1, "scale08": 2.2, "scale16": 4.2}
    simulation["scenes"]["mnist-dvs"]["magnification"] = magnification
    for scene, largest in (("mnist-dvs", 15), ("saccades", 20)):
        ranges = {"threshold": [0.6, largest / 10], "turn_deg": [-largest, largest]}
        simulation["training"][scene]["ranges"] |= ranges
    simulation["training"]["mnist-dvs"]["frame_events"] = None
    simulation["training"]["saccades"]["frame_events"] = [900, 2500]
    return SIMULATED | {"simulation": simulation} | changes


def make_paired(real_files=True):
    pairs = make_pairs()
    n = len(pairs)
    columns = {"map_correlation": 0.7, "map_correlation_shuffled": 0.5}
    columns |= {f"{side}_on_share": 0.5 for side in ("real", "ours")}
    columns |= {
        f"{side}_events_saccade_{i}": pairs[f"{side}_n_events"] // 3
        for side in ("real", "ours")
        for i in (1, 2, 3)
    }
    pairs = pairs.assign(**columns)
    if real_files:
        read = np.where(np.arange(n) % 4 == 0, (pairs["label"] + 1) % 10, pairs["label"])
        pairs = pairs.assign(real_predicted=read, ours_predicted=pairs["label"])
    else:
        pairs = pairs.assign(map_correlation=np.nan, map_correlation_shuffled=np.nan)
    return paired_table(pairs, seed=1)


def make_named_predictions():
    predictions = make_predictions()
    number = predictions["recording"].str.split("-").str[1].astype(int)
    scale = np.where(number % 2, "16", "08")
    names = [f"0/mnist_0_scale{s}_{i:04d}.aedat" for s, i in zip(scale, number, strict=True)]
    return predictions.assign(recording=names)


def make_simulated_tables(real_files=True):
    return make_tables() | {
        "calibration": make_calibration(),
        "paired": make_paired(real_files),
        "realism": make_realism(),
        **({"features": make_features()} if real_files else {}),
        "probes": make_probes_of_simulated(),
        "predictions": make_named_predictions(),
    }


def simulated_page(**changes):
    return make_page(**({"tables": make_simulated_tables(), "config": make_config()} | changes))
