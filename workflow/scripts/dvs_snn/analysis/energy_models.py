"""Spiking networks and CNNs priced by the same models of energy: ``models.csv``.

A model is a row of ``workflow/data/energy_models.tsv``: what an operation, a spike, an activation
and other things cost. What each layer did until the stop comes from the tables `stop_layers`. So
both sides pay for arithmetic, memory and addresses by the same rules. Static power isn't part of
it: ``costs.csv`` has it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.analysis.budgets import FLOOR_MW
from dvs_snn.analysis.equal_accuracy import CHOSEN, NETWORKS, PLAIN, SPARSE, SPIKING
from dvs_snn.analysis.factors import EQUAL
from dvs_snn.analysis.points import CNN_POINT
from dvs_snn.analysis.trials import SPARSE_CNN
from dvs_snn.evaluation.readings import CNN
from dvs_snn.files.tables import join_tables, read_shipped, read_table, schema, write_table
from dvs_snn.networks.synops import DENSE
from dvs_snn.settings.set_names import VALIDATION

NETWORK_POINT = ["set", "variant", "scale", "exit", "cnn_frames"]
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
    scale = points["cnn_scale"].where(points["macs"] != "", points["scale"])
    kinds = {"scale": float, "exit": float}
    layers = layers.rename(columns={"frames": "cnn_frames"}).astype(kinds)
    points = points.assign(point=np.arange(len(points)))
    asked = points.assign(scale=scale).astype(kinds)
    done = asked.merge(layers.drop(columns="timing"), on=NETWORK_POINT).merge(geometry, on="layer")

    is_cnn = done["side"] == CNN
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
            side=("side", "first"),
        )
        into_frames = model["event_pj"] * reading["n_events"] / reading["n_recordings"]
        reading["energy"] += into_frames.where(reading["side"] == CNN, 0)
        tables.append(reading.assign(**model[["model", "leaves_out", "source"]]))
    return points.merge(pd.concat(tables), on="point")


def _counted(layers: pd.DataFrame, all_macs: bool = False) -> pd.Series:
    """Return the operations that count: of a dense CNN, or if `all_macs` do, those at zeros too."""
    dense = layers["n_frames"] * layers["macs_per_frame"]
    return dense.where((layers["macs"] == DENSE) | all_macs, layers["operations"])


def chosen_points(front: pd.DataFrame) -> pd.DataFrame:
    """Return the points of ``front.csv`` that validation chose, means over trainings."""
    is_quoted = (front["chosen"] == 1) & front["seed"].isna() & (front["set"] != VALIDATION)
    points = front.loc[is_quoted, [*CHOSEN_POINT, "accuracy", "time_to_exit_ms", "recording_ms"]]
    network = np.where(points["method"] == SPARSE_CNN, SPARSE, PLAIN)
    points["network"] = np.where(points["macs"] == "", SPIKING, network)
    points["time_to_exit_ms"] = points["time_to_exit_ms"].fillna(points["recording_ms"])
    return points.drop(columns="recording_ms").assign(at=CHOSEN)


def over_trainings(readings: pd.DataFrame) -> pd.DataFrame:
    """Return means over trainings of `models_table`, with the least and the most energy of one.

    The operations of ``equal_accuracy.csv`` lie between two points of a front. They are priced as
    those of the next more accurate point.
    """
    spent = readings.groupby(["point", "model"], as_index=False, sort=False).agg(
        operations=("operations", "mean"),
        energy_per_reading_uj=("energy", "mean"),
        energy_low=("energy", "min"),
        energy_high=("energy", "max"),
        n_seeds=("seed", "nunique"),
    )
    energies = ["energy_per_reading_uj", "energy_low", "energy_high"]
    spent[energies] *= 1e-6
    beside = ["seed", "energy", "operations", "side", "n_seeds"]
    points = readings.drop_duplicates(["point", "model"]).drop(columns=beside, errors="ignore")
    table = points.merge(spent, on=["point", "model"])

    is_equal = table["at"] == EQUAL
    pj_per_operation = table["energy_per_reading_uj"] / table["operations"]
    for energy, end in zip(energies, ("", "_low", "_high"), strict=True):
        operations = table[f"operations_per_reading{end}"]
        table[energy] = table[energy].where(~is_equal, pj_per_operation * operations)
    at_points = table["operations_per_reading"].where(is_equal, table["operations"])
    return table.assign(operations_per_reading=at_points)


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
    chosen = chosen_points(read_table(job.front, "front"))
    equal = read_table(job.equal_accuracy, "equal_accuracy").assign(at=EQUAL)
    equal = equal[equal["network"].isin(NETWORKS)]
    points = pd.concat([chosen, equal], ignore_index=True)
    layers = join_tables(job.stop_layers, "stop_layers")
    network = read_table(job.network, "network")
    table = over_trainings(models_table(points, layers, network, read_models(job.models)))
    table["static_uj"] = FLOOR_MW * table["time_to_exit_ms"]
    write_table(table.reindex(columns=list(schema("models"))), job.table, "models")
