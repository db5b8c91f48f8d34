"""Spiking networks and CNNs priced by the same models of energy: ``models.csv``.

A model is a row of ``workflow/data/energy_models.tsv``: what an operation, a spike, an activation
and other things cost. What each layer did until the stop comes from the tables `stop_layers`. So
both sides pay for arithmetic, memory and addresses by the same rules. Static power isn't part of
it: ``costs.csv`` has it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.analysis.budgets import FLOOR_MW
from dvs_snn.analysis.equal_accuracy import CHOSEN, PLAIN, SPARSE, SPIKING
from dvs_snn.analysis.factors import EQUAL
from dvs_snn.analysis.points import CNN_POINT
from dvs_snn.analysis.trials import SPARSE_CNN
from dvs_snn.evaluation.readings import MACS
from dvs_snn.files.tables import join_tables, read_shipped, read_table, schema, write_table
from dvs_snn.networks.synops import DENSE
from dvs_snn.settings.set_names import VALIDATION

NETWORK_POINT = ["set", "variant", "scale", "exit", "ann_frames"]
"""Columns by which points find what the layers of each training did."""

CHOSEN_POINT = ["set", "method", "variant", "scale", "exit", *CNN_POINT]
"""Columns of ``front.csv`` that name a chosen point."""


def read_models(path: Path) -> pd.DataFrame:
    """Read ``workflow/data/energy_models.tsv``."""
    return read_shipped(path, tuple(schema("energy_models")))


def spiking_energy_pj(layers: pd.DataFrame, model: pd.Series) -> pd.Series:
    """Return what layers of spiking networks spent, in pJ.

    Args:
        layers: rows of `stop_layers` beside those of ``network.csv``.
        model: a row of the models.
    """
    addresses = np.where(layers["kind"] == "conv", layers["inputs"] * layers["fanout_nominal"], 0)
    conv_spikes = np.where(layers["kind"] == "conv", layers["inputs"], 0)
    return (
        model["synop_pj"] * layers["operations"]
        + model["spike_in_pj"] * layers["inputs"]
        + model["spike_out_pj"] * layers["outputs"]
        + model["touched_pj"] * layers["touched"]
        + model["address_pj"] * addresses
        + model["conv_spike_pj"] * conv_spikes
    )


def cnn_energy_pj(layers: pd.DataFrame, model: pd.Series) -> pd.Series:
    """Return what layers of CNNs spent on frames, in pJ, without what makes the frames.

    Args:
        layers: as in `spiking_energy_pj`, with the kind of MACs that count (`macs`).
        model: a row of the models.
    """
    frames = layers["n_frames"]
    macs = _counted(layers, model["all_macs"] == 1)
    kernels = np.where(layers["kind"] == "conv", layers["fanout_nominal"], 0)
    return model["mac_pj"] * macs + frames * (
        model["output_pj"] * layers["n_outputs"]
        + model["input_pj"] * layers["n_inputs"]
        + model["weight_pj"] * layers["weights"]
        + model["mac_address_pj"] * kernels
    )


def models_table(
    points: pd.DataFrame, layers: pd.DataFrame, network: pd.DataFrame, models: pd.DataFrame
) -> pd.DataFrame:
    """Return what each point takes by each model, a row for each training.

    Args:
        points: `CHOSEN_POINT` but for the method, and columns that are kept.
        layers: rows of `stop_layers`, sums over the recordings of a set.
        network: ``network.csv``.
        models: of energy.
    """
    geometry = network.rename(columns={"macs": "macs_per_frame"})
    # Of a CNN the scale stands in a column of its own.
    scale = points["ann_scale"].where(points["macs"] != "", points["scale"])
    kinds = {"scale": float, "exit": float}
    layers = layers.rename(columns={"frames": "ann_frames"}).astype(kinds)
    points = points.assign(point=np.arange(len(points)))
    asked = points.assign(scale=scale).astype(kinds)
    done = asked.merge(layers.drop(columns="timing"), on=NETWORK_POINT).merge(geometry, on="layer")

    is_cnn = done["unit"] == MACS
    done["operations_per_reading"] = _counted(done) / done["n_recordings"]
    tables = []
    for _, model in models.iterrows():
        energy = spiking_energy_pj(done, model).where(~is_cnn, cnn_energy_pj(done, model))
        spent = done.assign(energy=energy / done["n_recordings"])
        reading = spent.groupby(["point", "seed"], as_index=False).agg(
            energy=("energy", "sum"),
            operations=("operations_per_reading", "sum"),
            n_events=("n_events", "first"),
            n_recordings=("n_recordings", "first"),
            unit=("unit", "first"),
        )
        into_frames = model["event_pj"] * reading["n_events"] / reading["n_recordings"]
        reading["energy"] += into_frames.where(reading["unit"] == MACS, 0)
        about = {name: model[name] for name in ("model", "leaves_out", "source")}
        tables.append(reading.assign(**about))
    return points.merge(pd.concat(tables), on="point")


def _counted(layers: pd.DataFrame, all_macs: bool = False) -> pd.Series:
    """Return the operations that count: of a dense CNN, or if `all_macs` do, those at zeros too."""
    dense = layers["n_frames"] * layers["macs_per_frame"]
    return dense.where((layers["macs"] == DENSE) | all_macs, layers["operations"])


def of_chosen(front: pd.DataFrame, price: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """Return rows of ``models.csv`` for the points that validation chose.

    They are means over trainings, with the least and the most energy of one of them. `price` is
    `models_table` but for the points.
    """
    is_quoted = (front["chosen"] == 1) & front["seed"].isna() & (front["set"] != VALIDATION)
    points = front.loc[is_quoted, [*CHOSEN_POINT, "accuracy", "time_to_exit_ms", "recording_ms"]]
    network = np.where(points["method"] == SPARSE_CNN, SPARSE, PLAIN)
    points["network"] = np.where(points["macs"] == "", SPIKING, network)
    time_ms = points["time_to_exit_ms"].fillna(points["recording_ms"])
    points = points.drop(columns="recording_ms").assign(time_to_exit_ms=time_ms, at=CHOSEN)
    table = _over_trainings(price(points))
    return table.rename(columns={"low": "energy_low", "high": "energy_high"})


def at_equal_accuracy(
    equal: pd.DataFrame, price: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """Return rows of ``models.csv`` for the accuracies of ``equal_accuracy.csv``.

    The operations there are priced as those of the next more accurate point of the front.
    """
    table = _over_trainings(price(equal.assign(at=EQUAL)))
    pj_per_operation = table["energy_per_reading_uj"] / table["operations"]
    for end in ("", "_low", "_high"):
        name = f"energy{end}" if end else "energy_per_reading_uj"
        table[name] = pj_per_operation * table[f"operations_per_reading{end}"]
    return table.drop(columns="operations")


def _over_trainings(readings: pd.DataFrame) -> pd.DataFrame:
    """Return means over trainings of `models_table`: `operations`, and energies in microjoules."""
    columns = [name for name in readings if name not in ("seed", "energy", "operations", "unit")]
    kept = readings.drop_duplicates(["point", "model"])[columns]
    spent = readings.groupby(["point", "model"], as_index=False, sort=False).agg(
        operations=("operations", "mean"),
        energy_per_reading_uj=("energy", "mean"),
        low=("energy", "min"),
        high=("energy", "max"),
        n_seeds=("seed", "nunique"),
    )
    for name in ("energy_per_reading_uj", "low", "high"):
        spent[name] *= 1e-6
    shared = kept.drop(columns="n_seeds", errors="ignore")
    return shared.merge(spent, on=["point", "model"])


@dataclass(frozen=True)
class ModelsJob:
    """What the rule `models` gives.

    Attributes:
        front, equal_accuracy, network: tables of these names.
        stop_layers: of all networks and CNNs.
        models: the shipped models of energy.
    """

    front: Path
    equal_accuracy: Path
    network: Path
    stop_layers: list[Path]
    models: Path
    table: Path


def write_models(job: ModelsJob) -> None:
    """Write ``models.csv``."""
    front = read_table(job.front, "front")
    equal = read_table(job.equal_accuracy, "equal_accuracy")
    layers = join_tables(job.stop_layers, "stop_layers")
    network = read_table(job.network, "network")
    price = partial(models_table, layers=layers, network=network, models=read_models(job.models))
    chosen = of_chosen(front, price)
    chosen = chosen.rename(columns={"operations": "operations_per_reading"})
    table = pd.concat([chosen, at_equal_accuracy(equal, price)], ignore_index=True)
    table["static_uj"] = FLOOR_MW * table["time_to_exit_ms"]
    write_table(table.reindex(columns=list(schema("models"))), job.table, "models")
