"""Trials that read as a table says, and the result tables that the project makes of them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from dvs_snn.analysis.equal_accuracy import equal_accuracy_table
from dvs_snn.energy.energy_table import asked_points, energy_table
from dvs_snn.energy.price import flat_prices, read_prices
from dvs_snn.files.tables import schema
from dvs_snn.points.choice import Quoted
from dvs_snn.points.front import grouped
from dvs_snn.points.point import ALL_MACS, points_of
from dvs_snn.points.points_table import chosen_points, points_table
from dvs_snn.points.trials import Sums, Trials
from dvs_snn.settings.sides import SPIKING
from dvs_snn.settings.study_settings import WORKFLOW
from dvs_snn.settings.sweep import Power

SEED = 7

PRICES = read_prices(WORKFLOW / "data" / "energy_models.tsv")
"""The shipped prices."""

NETWORK = pd.DataFrame(
    {
        "layer": ["conv1", "fc1"], "kind": ["conv", "linear"], "output_shape": ["8x62x62", "10"],
        "n_inputs": [4096, 30752], "n_outputs": [30752, 10], "weights": [72, 2304],
        "fanout_nominal": [72, 10], "fanout_mean_exact": [67.5, 10.0], "macs": [1.9e6, 1e6],
    }
)  # fmt: skip
"""Two layers that do 2.9 million MACs a frame."""

SHARES = {"conv1": 0.75, "fc1": 0.25}
"""What each layer does of the operations of a reading."""


def trials_of(trainings: pd.DataFrame) -> dict[tuple[str, str], Trials]:
    """Return trials by set and method, in which every symbol is read alike.

    Args:
        trainings: a row for each set, point and training, with columns of `points`; each point of a
            method has every training.
    """
    groups = trainings.groupby(["set", "method"])
    return {key: _trials_of_method(rows) for key, rows in groups if len(rows)}


def _trials_of_method(rows: pd.DataFrame) -> Trials:
    """Return the trials of one method on one set."""
    points = sorted(set(points_of(rows)), key=lambda point: point.order)
    seeds = sorted(rows["seed"].unique())
    n_symbols = int(rows["n_symbols"].iloc[0])
    places = [points.index(point) for point in points_of(rows)]
    numbers = [seeds.index(seed) for seed in rows["seed"]]

    # Sums of such shares are exact, so that points that read alike have the same accuracy.
    accuracy = (rows["accuracy"] * 2**30).round() / 2**30
    events = 3000 * rows["operations_per_reading"] / rows["operations_per_3000_events"]
    of_reading = Sums(
        correct=accuracy,
        recordings=np.ones(len(rows)),
        operations=rows["operations_per_reading"],
        events=events,
        whole_ms=rows["recording_ms"],
        time_ms=rows["time_to_exit_ms"],
        events_read=events * rows["time_to_exit_ms"] / rows["recording_ms"],
        exited=rows["exit"].notna(),
    )
    per_symbol = rows["n_recordings"].to_numpy() / n_symbols
    sums = np.full((len(Sums._fields), n_symbols, len(points), len(seeds)), np.nan)
    for quantity, values in enumerate(of_reading):
        sums[quantity][:, places, numbers] = np.asarray(values, np.float64) * per_symbol
    assert not np.isnan(sums).any(), "each point needs every training"
    symbols = tuple(f"{number:05d}" for number in range(n_symbols))
    return Trials(tuple(points), tuple(map(int, seeds)), symbols, sums)


def stop_layers_of(trainings: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `stop_layers`: each layer does its share of every reading's operations.

    A CNN's rows with all MACs tell how many frames it read.
    """
    network = ["set", "side", "variant", "scale", "exit", "frames", "seed"]
    counted = trainings[trainings["counted"] != ALL_MACS]
    dense = trainings[trainings["counted"] == ALL_MACS]
    dense = dense[[*network, "operations_per_reading"]]
    rows = counted.merge(dense, how="left", on=network, suffixes=("", "_dense"))
    n = rows["n_recordings"]
    parts = []
    for layer, share in SHARES.items():
        operations = n * rows["operations_per_reading"] * share
        spiking = rows["side"] == SPIKING
        done = {
            "layer": layer,
            "operations": operations,
            "inputs": operations / 100,
            "outputs": (operations / 200).where(spiking),
            "touched": (operations / 10).where(spiking),
            "n_frames": n * rows["operations_per_reading_dense"] / NETWORK["macs"].sum(),
            "n_events": n * 2000,
        }
        parts.append(rows[[*network, "n_recordings"]].assign(**done))
    return pd.concat(parts, ignore_index=True).reindex(columns=list(schema("stop_layers")))


def tables_of_trainings(
    trainings: pd.DataFrame,
    choice: pd.DataFrame,
    evaluation: pd.DataFrame,
    published: pd.DataFrame,
    power: Power,
    stops: pd.DataFrame | None = None,
    stop_layers: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables `points`, `equal_accuracy` and `energy`, as the study makes them.

    Args:
        trainings: as `trials_of` takes them.
        stops: rows of `fixed_stops`; None: no network was stopped at a fixed time.
        stop_layers: what each layer did; None: as `stop_layers_of` says.
    """
    stops = pd.DataFrame(columns=list(schema("fixed_stops"))) if stops is None else stops
    layers = stop_layers_of(trainings) if stop_layers is None else stop_layers
    quoted = Quoted.of(choice)
    tried = trials_of(trainings)
    groups = grouped(tried, methods_of(evaluation))
    points = points_table(tried, groups, quoted, evaluation, stops, published, SEED)
    chosen = chosen_points(tried, quoted, evaluation)
    equal = equal_accuracy_table(groups, choice, chosen, SEED)
    kinds = {"scale": float, "exit": float}
    asked = asked_points(points.astype(kinds), equal.astype(kinds), layers.astype(kinds), NETWORK)
    energy = energy_table(asked, [*PRICES, *flat_prices(power)])
    return {"points": points, "equal_accuracy": equal, "energy": energy, "network": NETWORK}


def methods_of(evaluation: pd.DataFrame) -> Mapping[str, str]:
    """Return the method of training of each variant."""
    return dict(zip(evaluation["variant"], evaluation["method"], strict=True))
