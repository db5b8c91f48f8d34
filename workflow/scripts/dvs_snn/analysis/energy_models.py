"""Spiking networks and CNNs priced by the same models of energy: ``models.csv``.

A model is a row of ``workflow/data/energy_models.tsv``: what an operation, a spike, an activation
and other things cost. What each layer did until the stop comes from the tables `stop_layers`. So
both sides pay for arithmetic, memory and addresses by the same rules. Static power isn't part of
it: ``costs.csv`` has it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.evaluation.readings import MACS
from dvs_snn.files.tables import join_tables, read_shipped, read_table, schema, write_table
from dvs_snn.networks.synops import DENSE, IN_8_BITS
from dvs_snn.settings.set_names import VALIDATION

SPIKING = "spiking"
CNN = "CNN"

NETWORK_POINT = ["set", "variant", "seed", "scale", "exit", "ann_frames", "bits"]
"""Columns by which chosen points find what their layers did."""


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
    """Return ``models.csv``: a row for each chosen point, set and model.

    Args:
        points: chosen rows of ``front.csv`` of single trainings.
        layers: rows of `stop_layers`, sums over the recordings of a set.
        network: ``network.csv``.
        models: of energy.
    """
    geometry = network.rename(columns={"macs": "macs_per_frame"})
    kinds = {"seed": int, "scale": float, "exit": float}
    bits = np.where(points["macs"] == IN_8_BITS, 8, 32)
    points = points.assign(bits=np.where(points["macs"] == "", 0, bits)).astype(kinds)
    layers = layers.rename(columns={"frames": "ann_frames"}).astype(kinds)
    layers = layers.assign(bits=layers["bits"].astype(float).fillna(0).astype(int))
    done = points.merge(layers.drop(columns="timing"), on=NETWORK_POINT).merge(geometry, on="layer")
    if done.empty:
        return pd.DataFrame(columns=list(schema("models")))

    is_cnn = done["unit"] == MACS
    done["operations_per_reading"] = _counted(done) / done["n_recordings"]
    key = ["set", "method", "variant", "scale", "exit", "ann_frames", "macs", "seed"]
    tables = []
    for _, model in models.iterrows():
        energy = spiking_energy_pj(done, model).where(~is_cnn, cnn_energy_pj(done, model))
        spent = done.assign(energy=energy / done["n_recordings"])
        grouped = spent.groupby(key, dropna=False)
        reading = grouped.agg(
            energy=("energy", "sum"),
            operations=("operations_per_reading", "sum"),
            n_events=("n_events", "first"),
            n_recordings=("n_recordings", "first"),
            accuracy=("accuracy", "first"),
            unit=("unit", "first"),
        ).reset_index()
        into_frames = model["event_pj"] * reading["n_events"] / reading["n_recordings"]
        reading["energy"] += into_frames.where(reading["unit"] == MACS, 0)
        said = {name: model[name] for name in ("model", "leaves_out", "source")}
        tables.append(_over_trainings(reading, key[:-1]).assign(**said))
    return pd.concat(tables, ignore_index=True)[list(schema("models"))]


def _counted(layers: pd.DataFrame, all_macs: bool = False) -> pd.Series:
    """Return the operations that count: of a dense CNN, or if `all_macs` do, those at zeros too."""
    dense = layers["n_frames"] * layers["macs_per_frame"]
    return dense.where((layers["macs"] == DENSE) | all_macs, layers["operations"])


def _over_trainings(readings: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return means over trainings, with the least and the most energy of one of them."""
    table = readings.groupby(key, dropna=False).agg(
        accuracy=("accuracy", "mean"),
        n_seeds=("seed", "nunique"),
        operations_per_reading=("operations", "mean"),
        energy_per_reading_uj=("energy", "mean"),
        energy_low=("energy", "min"),
        energy_high=("energy", "max"),
        unit=("unit", "first"),
    )
    table = table.reset_index()
    for name in ("energy_per_reading_uj", "energy_low", "energy_high"):
        table[name] *= 1e-6
    return table.assign(network=np.where(table["unit"] == MACS, CNN, SPIKING))


@dataclass(frozen=True)
class ModelsJob:
    """What the rule `models` gives.

    Attributes:
        front, network: tables of these names.
        stop_layers: of all networks and CNNs.
        models: the shipped models of energy.
    """

    front: Path
    network: Path
    stop_layers: list[Path]
    models: Path
    table: Path


def write_models(job: ModelsJob) -> None:
    """Write ``models.csv``."""
    front = read_table(job.front, "front")
    is_quoted = (front["chosen"] == 1) & front["seed"].notna() & (front["set"] != VALIDATION)
    points = front[is_quoted].fillna({"ann_frames": "", "macs": ""})
    layers = _of_points(job.stop_layers, points)
    network = read_table(job.network, "network")
    table = models_table(points, layers, network, read_models(job.models))
    write_table(table, job.table, "models")


def _of_points(paths: Iterable[Path], points: pd.DataFrame) -> pd.DataFrame:
    """Read the tables `stop_layers`, and keep the rows of quoted variants and exits."""
    table = join_tables(list(paths), "stop_layers")
    is_kept = table["variant"].isin(points["variant"]) & table["set"].isin(points["set"])
    return table[is_kept].fillna({"frames": ""})
